"""Score interviews by what came of them: is the card the person's own, is it one thing, is it well made, at what cost?

Rule: every measure is counted from the transcript and the card, and says in one sentence what it counts. None of them
says whether a card is true or wise; they tell whether a change of the interview made cards better or worse.
Pure: no Django.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from elicit.guided import check_card, find_quote

SHORTEST_CONTENT_WORD = 4  # letters; shorter words are mostly grammar, in every language that we score
SAME_QUESTION = 0.8  # share of content words that two questions have in common when one repeats the other
_GRAMMAR = """
this that with when they them their there what where which while from have been were will would could should your about
into onto than then some somebody someone something each also only just very more most much does doing being
nicht eine einer einem einen dass wenn oder aber auch noch sich sind wird الذي التي الذين عندما حين على إلى
"""
GRAMMAR = frozenset(_GRAMMAR.split())
QUOTED = re.compile(r"[“\"«][^”\"»]*[”\"»]")
FORM_CODES = frozenset({"form", "goal", "rule", "norm", "slogan", "ideology", "feeling", "long", "repeated"})


@dataclass(frozen=True)
class Measure:
    """One number of an interview: what it counts, and which way is better."""

    name: str
    title: str
    counts: str
    more_is_better: bool
    tolerance: float  # a smaller change of the mean is not called better or worse


MEASURES = (
    Measure("own_words", "Own words kept", "share of the card's content words that its author wrote", True, 0.02),
    Measure("quoted", "Lines with quotes", "share of lines whose quotes stand in the author's messages", True, 0.02),
    Measure("one_source", "One source, by plan", "share of lines that come from the persona's main topic", True, 0.03),
    Measure("cohesion", "Lines that hang together", "share of lines sharing a word with another part", True, 0.05),
    Measure("well_formed", "Lines well formed", "share of lines that the card check has no remark on", True, 0.03),
    Measure("right_size", "Cards of three to seven lines", "share of cards with three to seven lines", True, 0.03),
    Measure("turns", "Questions asked", "questions until the card", False, 0.5),
    Measure("repeated", "Questions repeated", "share of questions that say what an earlier one said", False, 0.02),
    Measure("one_question", "One question a turn", "share of turns with at most one question mark", True, 0.05),
    Measure("question_words", "Words a question", "mean words of a question, the opening left out", False, 5.0),
)


@dataclass(frozen=True)
class Line:
    """One turn of a scored interview."""

    by_person: bool
    text: str
    kind: str = "said"


@dataclass(frozen=True)
class ScoredCard:
    """A card to be scored; `quotes` holds the quotes of each policy."""

    title: str
    description: str
    policies: tuple[str, ...]
    quotes: tuple[tuple[str, ...], ...]
    language: str = "en"


@dataclass(frozen=True)
class Told:
    """An interview and its card. `key` says whose and about what; `topics` are what the persona had to say, the main
    one first, each as words; none where nobody planned it.
    """

    key: str
    lines: tuple[Line, ...]
    card: ScoredCard
    topics: tuple[frozenset[str], ...] = ()


def content_words(text: str) -> list[str]:
    """Return the words that carry meaning, in one form: lower case, without a plural's or a genitive's s.

    Examples
    --------
    >>> content_words("The silences that leave me room")
    ['silence', 'leave', 'room']
    """
    words = re.findall(r"[^\W\d_]+", text.replace("’", "'").casefold())
    return [_bare(word) for word in words if len(word) >= SHORTEST_CONTENT_WORD and word not in GRAMMAR]


def _bare(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def score(told: Told) -> dict[str, float]:
    """Return every measure that can be counted for this interview; `one_source` only where topics are planned.

    Examples
    --------
    >>> lines = (Line(False, "What do you look out for?"), Line(True, "Silences, and hands that shake."))
    >>> card = ScoredCard("Silences", "", ("Hands that shake",), (("hands that shake",),))
    >>> found = score(Told("1:night", lines, card))
    >>> found["own_words"], found["quoted"], found["turns"]
    (1.0, 1.0, 1.0)
    """
    said = [line.text for line in told.lines if line.by_person and line.kind == "said"]
    asked = [line.text for line in told.lines if not line.by_person]
    scores = {
        "own_words": _own_words(told.card, said),
        "quoted": _share([_is_quoted(quotes, said) for quotes in told.card.quotes]),
        "cohesion": _cohesion(told.card),
        "well_formed": _well_formed(told.card),
        "right_size": float(3 <= len(told.card.policies) <= 7),
        "turns": float(len(asked)),
        "repeated": _repeated(asked),
        "one_question": _share([_marks(text) <= 1 for text in asked]),
        "question_words": _mean([len(text.split()) for text in asked[1:]]),
    }
    return scores | ({"one_source": _one_source(told)} if told.topics else {})


def _own_words(card: ScoredCard, said: Sequence[str]) -> float:
    spoken = {word for text in said for word in content_words(text)}
    written = content_words(" ".join([card.title, card.description, *card.policies]))
    return _share([word in spoken for word in written])


def _is_quoted(quotes: Sequence[str], said: Sequence[str]) -> bool:
    return bool(quotes) and all(find_quote(quote, said) is not None or _stands_in(quote, said) for quote in quotes)


def _stands_in(quote: str, said: Sequence[str]) -> bool:
    """A single word is no quote to be searched for, but may be all that somebody wrote."""
    return bool(quote) and any(quote in text for text in said)


def _one_source(told: Told) -> float:
    """Give each line to the topic with which it shares most words (the main one on a tie) and count the main one's."""
    main = 0
    for policy in told.card.policies:
        words = set(content_words(policy))
        shared = [len(words & topic) for topic in told.topics]
        main += bool(shared[0]) and shared[0] == max(shared)
    return main / len(told.card.policies) if told.card.policies else 0.0


def _cohesion(card: ScoredCard) -> float:
    parts = [set(content_words(text)) for text in (f"{card.title} {card.description}", *card.policies)]
    policies = range(1, len(parts))
    return _share([any(parts[i] & parts[j] for j in range(len(parts)) if j != i) for i in policies])


def _well_formed(card: ScoredCard) -> float:
    warned = {found.line for found in check_card(card, language=card.language) if found.code in FORM_CODES}
    return _share([line not in warned for line in range(len(card.policies))])


def _repeated(asked: Sequence[str]) -> float:
    bags = [Counter(content_words(QUOTED.sub("", text))) for text in asked]
    return _share([any(_alike(bags[i], earlier) for earlier in bags[:i]) for i in range(len(bags))])


def _alike(one: Counter[str], other: Counter[str]) -> bool:
    most = max(one.total(), other.total())
    return most > 0 and (one & other).total() / most >= SAME_QUESTION


def _marks(text: str) -> int:
    bare = QUOTED.sub("", text)
    return bare.count("?") + bare.count("؟")


def _share(facts: Sequence[bool]) -> float:
    return _mean([float(fact) for fact in facts])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def column(scores: Mapping[str, Mapping[str, float]], name: str) -> dict[str, float]:
    """Return one measure by interview, for those that have it."""
    return {key: found[name] for key, found in scores.items() if name in found}

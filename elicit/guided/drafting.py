"""Draft a values card from the person's own sentences.

Rule: every policy carries the words that it was made from, exactly as the person wrote them.
A draft proposes; the author decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from elicit.guided.engine import Said, answers_by_stage, find_word
from elicit.guided.script import Drafting, words_for

FEWEST, MOST = 3, 7  # policies on a card
LONGEST_POLICY = 20  # words
LONGEST_TITLE = 7  # words
LONGEST_DESCRIPTION = 220  # characters
LISTED_PART = 8  # words; longer parts between commas are clauses, not a list
SHORT_REFUSAL = 6  # words; a longer line that holds "don't know" is a line like any other
HEAD = 4  # words within which a plural noun must come


@dataclass(frozen=True)
class Evidence:
    """The words that a policy was made from, and in which answer (from 0) they stand."""

    quote: str
    answer: int


@dataclass(frozen=True)
class CardDraft:
    """A proposed values card; `evidence` has one entry for each policy."""

    title: str
    description: str
    policies: tuple[str, ...]
    evidence: tuple[Evidence, ...]


def draft_card(history: Sequence[Said], *, language: str = "en") -> CardDraft:
    """Make a card from what the person wrote.

    Lines about what to attend to come first; earlier answers fill up only when there are fewer than three of them.

    Examples
    --------
    >>> said = [Said("interviewer", "?", "attend"), Said("participant", "signs that she is tired")]
    >>> draft_card(said).policies
    ('Signs that she is tired',)
    """
    words = words_for(language)
    answers = answers_by_stage(history)
    found: dict[str, tuple[str, Evidence]] = {}
    for stages in (("attend", "attend_more"), ("noticed",), ("beneath",), ("story", "story_more")):
        if stages[0] == "attend" or len(found) < FEWEST:
            limit = MOST if stages[0] == "attend" else FEWEST
            _add(found, _proposals(answers, stages, words.drafting, words.signals["skipped"]), limit)
    policies = tuple(policy for policy, _ in found.values())
    return CardDraft(
        title=_title(answers, words.drafting, policies),
        description=_description(answers, words.drafting, policies),
        policies=policies,
        evidence=tuple(evidence for _, evidence in found.values()),
    )


def _add(found: dict[str, tuple[str, Evidence]], proposals: Iterable[tuple[str, Evidence]], limit: int) -> None:
    for policy, evidence in proposals:
        if len(found) < limit:
            found.setdefault(policy.casefold(), (policy, evidence))


def _proposals(
    answers: list[tuple[str, str]], stages: tuple[str, ...], drafting: Drafting, skipped: list[str]
) -> Iterator[tuple[str, Evidence]]:
    for index, (stage, text) in enumerate(answers):
        if stage in stages:
            for segment in _segments(text, drafting):
                policy = as_policy(segment, drafting)
                if policy and not (len(segment.split()) < SHORT_REFUSAL and find_word(segment, skipped)):
                    yield policy, Evidence(quote=segment, answer=index)


def _segments(text: str, drafting: Drafting) -> Iterator[str]:
    """Cut an answer into lines, sentences and the parts of a list, each as it was written."""
    for line in re.split(r"\n|;|(?<=[.!?])\s+", text):
        line = re.sub(r"^\s*(?:[-*•–]|\(?\d+[.)])\s*", "", line).strip().rstrip(".!?,").strip('"“”')
        rest = _without_lead_ins(line, drafting)
        parts = [part.strip() for part in re.split(r",\s+(?:and\s+|or\s+)?", rest)]
        is_list = len(parts) > 2 and all(0 < len(part.split()) <= LISTED_PART for part in parts)
        yield from (parts if is_list else [line])


def _without_lead_ins(line: str, drafting: Drafting) -> str:
    before = None
    while before != line:
        before = line
        for lead_in in drafting.lead_ins:
            line = re.sub(rf"^(?:{lead_in})(?:,|:)?\s+", "", line, count=1, flags=re.IGNORECASE)
    return line


def as_policy(segment: str, drafting: Drafting) -> str:
    """Turn a line into a policy that opens with a plural noun; empty when there is too little in it.

    Examples
    --------
    >>> as_policy("whether she is eating", words_for("en").drafting)
    'Signs of whether she is eating'
    >>> as_policy("the small pauses before they answer", words_for("en").drafting)
    'Small pauses before they answer'
    """
    line = _shorten(_without_lead_ins(segment.replace("’", "'").strip(), drafting))
    spoken = line.split()
    if len(spoken) < 2:
        return ""
    first = spoken[0].casefold().strip(",")
    first = first if first in drafting.negatives else first.split("'")[0]
    line = line if first == "i" else line[0].lower() + line[1:]
    if first in drafting.question_words:
        return f"{drafting.question_words[first]} {' '.join(line.split()[1:])}"
    return _by_its_first_word(line, first, drafting)


def _by_its_first_word(line: str, first: str, drafting: Drafting) -> str:
    if first in drafting.speakers:
        return f"Moments when {line}"
    if first in drafting.subjects:
        return f"Signs that {line}"
    if first in drafting.negatives:
        return f"Moments when I {line}" if first in ("don't", "do", "never") else f"Moments with {line}"
    if first in drafting.verbs:
        return f"Chances to {line}"
    if has_plural_head(line, drafting):
        bare = " ".join(line.split()[1:]) if first in drafting.determiners else line
        return bare[0].upper() + bare[1:]
    if first.endswith("ing"):
        return f"Ways of {line}"
    return f"Moments of {line}" if first not in drafting.determiners else f"Signs of {line}"


def has_plural_head(line: str, drafting: Drafting) -> bool:
    """Return whether a plural noun stands at the head of the line, before any "that", "of" or "when".

    Examples
    --------
    >>> has_plural_head("Small pauses before they answer", words_for("en").drafting)
    True
    >>> has_plural_head("Being honest", words_for("en").drafting)
    False
    """
    for word in line.casefold().split()[:HEAD]:
        bare = word.strip(",.:;\"'()")
        if bare in ("people", "children", "women", "men"):
            return True
        if bare in drafting.ends_of_head:
            return False
        if bare.endswith("s") and not bare.endswith(("ss", "us", "'s")) and bare not in drafting.not_plural:
            return True
        if word.endswith(","):
            return False
    return False


def _shorten(line: str) -> str:
    words = line.split()
    if len(words) <= LONGEST_POLICY:
        return line
    for mark in (r"\s+because\s", r",\s", r"\s+[-–—]\s+", r"\s+so that\s"):
        start = re.split(mark, line, maxsplit=1)[0]
        if FEWEST <= len(start.split()) <= LONGEST_POLICY:
            return start
    return " ".join(words[:LONGEST_POLICY])


def _title(answers: list[tuple[str, str]], drafting: Drafting, policies: tuple[str, ...]) -> str:
    given = next((text for stage, text in answers if stage == "check"), "").replace("’", "'").strip()
    named = re.split(r"[\n.!?]", given)[0].strip(" \"“”'")
    for lead_in in drafting.title_lead_ins:
        named = re.sub(rf"^{re.escape(lead_in)}\s+", "", named, flags=re.IGNORECASE).strip(" \"“”'")
    is_skipped = find_word(named, words_for("en").signals["skipped"])
    if named and not is_skipped and len(named.split()) <= LONGEST_TITLE:
        return named[0].upper() + named[1:]
    return " ".join(policies[0].split()[:HEAD]) if policies else drafting.fallback_title


def _description(answers: list[tuple[str, str]], drafting: Drafting, policies: tuple[str, ...]) -> str:
    """Take the sentence in which the person says, as "I", why it matters to them."""
    order = {stage: place for place, stage in enumerate(("beneath", "noticed", "story_more", "story"))}
    told = sorted((pair for pair in answers if pair[0] in order), key=lambda pair: order[pair[0]])
    sentences = [part.strip() for _, text in told for part in re.split(r"(?<=[.!?])\s+|\n", text) if part.strip()]
    own = [s for s in sentences if find_word(s, ["i", "me", "i'd", "i'm"]) and len(s) <= LONGEST_DESCRIPTION]
    telling = [sentence for sentence in own if find_word(sentence, drafting.telling)]
    if telling or own:
        best = (telling or own)[0]
        return best[0].upper() + best[1:]
    first = policies[0][0].lower() + policies[0][1:] if policies else ""
    return drafting.fallback_description.replace("{policy}", first) if first else ""

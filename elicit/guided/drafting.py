"""Draft a values card from the person's own sentences.

Rule: every policy carries the words that it was made from, exactly as the person wrote them and with their places.
A draft proposes; the author decides. Nothing is invented: whoever wrote little gets a short card.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from elicit.guided.distress import hears_distress
from elicit.guided.policies import LONGEST_POLICY, as_policy
from elicit.guided.privacy import address_in
from elicit.guided.reading import BULLET, FOR_EVERYONE, Reading, talk_in
from elicit.guided.said import Answer, Said, answers_of
from elicit.guided.script import Words, words_for
from elicit.guided.segments import LISTED_PART, segments_of
from elicit.guided.wording import Evidence, Span, find_word, fold, sentences_of, without_start

FEWEST, MOST = 3, 7  # policies on a card
MOST_QUOTES = 3  # of one policy
LONGEST_TITLE = 7  # words
LONGEST_NAME = 5  # words of a title that the person did not give
SHORTEST_OWN = 5  # words of a sentence about oneself
LONGEST_DESCRIPTION = 220  # characters
SHORTEST_TOLD, LONGEST_TOLD = 3, 25  # words of a sentence out of a story that may become a policy
ALIKE = 0.66  # share of content words from which two lines are one
BEHIND = 0.5  # share of a policy's content words that a sentence must hold to stand behind it
STEM = 5  # letters by which words are compared, so that "silence" meets "silences"
LINES = ("attend", "attend_more")
DEEP = ("beneath", "noticed")
TOLD = (("noticed",), ("beneath",), ("story", "story_more"))


@dataclass(frozen=True)
class CardDraft:
    """A proposed values card; `evidence` has one tuple of quotes for each policy."""

    title: str
    description: str
    policies: tuple[str, ...]
    evidence: tuple[tuple[Evidence, ...], ...]


@dataclass(frozen=True)
class _Line:
    policy: str
    evidence: tuple[Evidence, ...]
    stems: frozenset[str]


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
    answers = [answer for answer in answers_of(history) if answer.has_words]
    found = _merged(_proposals(answers, words), MOST)
    for stages in TOLD:
        if len(found) < FEWEST:
            found = _merged([*found, *_told(answers, stages, words)], max(FEWEST, len(found)))
    found = [_with_more_quotes(line, answers, words) for line in found]
    policies = tuple(line.policy for line in found)
    return CardDraft(
        title=_title(answers, words, policies),
        description=_description(answers, words, policies),
        policies=policies,
        evidence=tuple(line.evidence for line in found),
    )


def _proposals(answers: Sequence[Answer], words: Words) -> Iterator[_Line]:
    """Read every list, at whatever stage it was written, and each line at the list's own stages."""
    for answer in answers:
        if answer.stage in LINES or (answer.stage != "check" and Reading(answer, words).lines):
            yield from _lines(answer, list(segments_of(answer.text, words)), words, told=answer.stage not in LINES)


def _told(answers: Sequence[Answer], stages: tuple[str, ...], words: Words) -> Iterator[_Line]:
    for answer in answers:
        if answer.stage in stages and not hears_distress(answer.text, language=words.language):
            fitting = [
                span
                for span in segments_of(answer.text, words)
                if SHORTEST_TOLD <= len(span.quote.split()) <= LONGEST_TOLD
            ]
            yield from _lines(answer, fitting, words, told=True)


def _lines(answer: Answer, spans: Sequence[Span], words: Words, *, told: bool) -> Iterator[_Line]:
    for span in spans:
        policy = "" if _is_aside(answer, span, words) else as_policy(span.quote, words, told=told)
        if policy:
            evidence = Evidence(span.quote, answer.place, span.start, span.end)
            yield _Line(policy, (evidence,), stems_of(policy, words))


def _is_aside(answer: Answer, span: Span, words: Words) -> bool:
    """Return whether a line is talk, a refusal, the end of a list, markup, contact data or danger, and fits no card."""
    text = span.quote
    read = Reading(replace(answer, text=text), words)
    is_end = len(text.split()) <= LISTED_PART and bool(find_word(text, words.nothing_more, words.spelling))
    is_question = answer.text[span.end : span.end + 2].lstrip().startswith(words.question_mark)
    is_markup = bool(set(text) & set("{}<>[]|\\")) or bool(address_in(text, words))
    if is_end or read.is_empty or is_question or is_markup or talk_in(Span(0, len(text), text), words):
        return True
    return hears_distress(text, language=words.language)


def stems_of(text: str, words: Words) -> frozenset[str]:
    """Return the beginnings of the words that carry the meaning of a line.

    Examples
    --------
    >>> sorted(stems_of("Silences they need to think", words_for("en")))
    ['silen', 'think']
    """
    spoken = re.findall(r"[^\W_]+(?:'[^\W_]+)?", fold(text, words.spelling))
    return frozenset(word[:STEM] for word in spoken if word not in words.drafting.stop_words)


def _merged(lines: Sequence[_Line] | Iterator[_Line], most: int) -> list[_Line]:
    """Make one of lines that say the same; the fuller one stays, with the quotes of both."""
    kept: list[_Line] = []
    for line in lines:
        place = next((place for place, other in enumerate(kept) if _are_alike(line, other)), None)
        if place is not None:
            kept[place] = _joined(kept[place], line)
        elif len(kept) < most:
            kept.append(line)
    return kept


def _are_alike(first: _Line, second: _Line) -> bool:
    opens_alike = fold(first.policy).split()[0] == fold(second.policy).split()[0]
    if opens_alike and (first.stems == second.stems != frozenset() or fold(first.policy) == fold(second.policy)):
        return True
    shared = len(first.stems & second.stems)
    return shared > 1 and shared / len(first.stems | second.stems) >= ALIKE


def _joined(first: _Line, second: _Line) -> _Line:
    is_fuller = first.stems < second.stems and len(second.policy.split()) <= LONGEST_POLICY
    fuller = second if is_fuller else first
    evidence = dict.fromkeys([*fuller.evidence, *first.evidence, *second.evidence])
    return replace(fuller, evidence=tuple(evidence)[:MOST_QUOTES])


def _with_more_quotes(line: _Line, answers: Sequence[Answer], words: Words) -> _Line:
    """Add sentences from other answers that speak of the same things."""
    evidence = list(line.evidence)
    used = {found.answer for found in evidence}
    for answer in answers:
        if answer.place not in used and answer.stage != "check" and len(evidence) < MOST_QUOTES:
            fitting = (span for span in sentences_of(answer.text) if _is_behind(span.quote, line, words))
            best = next((span for span in fitting if not _is_aside(answer, span, words)), None)
            evidence += [Evidence(best.quote, answer.place, best.start, best.end)] if best else []
    return replace(line, evidence=tuple(evidence))


def _is_behind(sentence: str, line: _Line, words: Words) -> bool:
    shared = line.stems & stems_of(sentence, words)
    is_telling = len(shared) > 1 or (len(line.stems) == 1 and len(next(iter(shared), "")) == STEM)
    return is_telling and len(shared) >= BEHIND * len(line.stems)


def _title(answers: Sequence[Answer], words: Words, policies: tuple[str, ...]) -> str:
    given = next((answer for answer in reversed(answers) if answer.stage == "check"), None)
    named = _named(given, words) if given else ""
    if named:
        return named[0].upper() + named[1:]
    return next((name for policy in policies if (name := _name_from(policy, words))), words.drafting.fallback_title)


def _named(given: Answer, words: Words) -> str:
    spans = [span for span in sentences_of(given.text) if not _is_aside(given, span, words)]
    named, before = (_bare(spans[0].quote) if spans else ""), None
    while before != named:
        before = named
        for lead_in in words.drafting.title_lead_ins:
            found = re.match(rf"{re.escape(lead_in)}(?!\w)", fold(named, words.spelling))
            named = _bare(named[found.end() :]) if found else named
    return named if len(named.split()) <= LONGEST_TITLE else ""


def _bare(text: str) -> str:
    return text.strip(" \t,;:.!?؟“”\"'«»-")


def _name_from(policy: str, words: Words) -> str:
    """Name a card after one of its lines, if that is short enough to stand whole."""
    spoken = policy.split()
    return policy if 1 < len(spoken) <= LONGEST_NAME and fold(spoken[-1]) not in words.clauses.never_ends else ""


def _description(answers: Sequence[Answer], words: Words, policies: tuple[str, ...]) -> str:
    """Take the sentence in which the person says, as "I", why it matters to them; the latest of them lies deepest."""
    calm = [answer for answer in reversed(answers) if not hears_distress(answer.text, language=words.language)]
    deep = [text for stage in DEEP for answer in calm if answer.stage == stage for text in _own(answer, words)]
    told = [text for answer in calm if answer.stage in TOLD[-1] for text in _own(answer, words)]
    telling = [text for text in (*deep, *told) if find_word(text, words.drafting.telling, words.spelling)]
    best = next(iter([*telling, *deep]), "")
    if best:
        return best[0].upper() + best[1:]
    first = next((policy for policy in policies if len(policy.split()) > FEWEST), policies[0] if policies else "")
    return words.drafting.fallback_description.replace("{policy}", first[0].lower() + first[1:]) if first else ""


def _own(answer: Answer, words: Words) -> Iterator[str]:
    """Yield the sentences about the writer that can stand alone and are no rule for everyone."""
    for span in sentences_of(answer.text):
        read = Reading(replace(answer, text=span.quote), words)
        sentence = BULLET.sub("", span.quote).strip()
        first = fold(sentence).split()[0].strip(",") if sentence else ""
        is_own = len(sentence.split()) >= SHORTEST_OWN and len(sentence) <= LONGEST_DESCRIPTION
        is_own = is_own and bool(read.hears(words.drafting.first_person)) and first not in words.clauses.never_starts
        is_question = sentence.endswith(words.question_mark)
        is_for_all = any(pointer.kind in FOR_EVERYONE for pointer in read.pointers)
        if is_own and not (is_question or is_for_all or _is_aside(answer, span, words)):
            yield without_start(sentence, words)

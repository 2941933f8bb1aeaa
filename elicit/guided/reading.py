"""Read what one answer is made of: talk to the interviewer, a refusal, a list, a pointer to something beneath.

Rule: reading only looks; it never rewrites. The same words are read the same, whatever came before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from elicit.guided.said import Answer
from elicit.guided.script import Reply, Words
from elicit.guided.wording import Span, find_word, fold, sentences_of, spelled, without_quotations, without_start

LONGEST_TALK = 14  # words; a longer sentence says more than a question to the interviewer
BEFORE = 2  # words before a phrase from which somebody else may be speaking
BESIDE = 8  # words around a phrase that may be talk about the interview
CLEAR = 3  # weight from which somebody is taken for the one who acted
LONGEST_REFUSAL = 10  # words; a longer answer that holds "I don't know" is an answer
LITTLE = 5  # words; too few to hear a rule, a goal or a feeling in
SHORTEST_STORY = 12  # words; fewer are seldom a moment that one could follow
TOLD = 25  # words; an answer of this many may hold what would be asked next
ENOUGH_LINES = 3  # lines that make a list
LONGEST_LINE = 20  # words of a line in a list; longer ones are paragraphs
FOR_EVERYONE = ("rule", "norm", "ideology")
BULLET = re.compile(r"^\s*(?:[-*•–—·]|\(?\d{1,2}[.)])\s*")


@dataclass(frozen=True)
class Pointer:
    """A sign of something beneath: its kind, the word that showed it, as the person spelled it."""

    kind: str
    word: str


@dataclass(frozen=True)
class Reading:
    """One answer, read in one language."""

    answer: Answer
    words: Words

    @cached_property
    def talk(self) -> list[tuple[str, Reply]]:
        """What in it is said to the interviewer itself."""
        found = [talk_in(span, self.words) for span in sentences_of(self.answer.text)]
        return [pair for pair in found if pair]

    @cached_property
    def content(self) -> str:
        """Everything else."""
        spans = [span for span in sentences_of(self.answer.text) if not talk_in(span, self.words)]
        return "\n".join(span.quote for span in spans)

    @cached_property
    def count(self) -> int:
        """How many words of content there are."""
        return len(re.findall(r"\w+", self.content))

    @property
    def is_refused(self) -> bool:
        """Whether the person left the question out."""
        if not self.answer.has_words:
            return self.answer.kind in ("skipped", "declined")
        is_short = self.count <= LONGEST_REFUSAL and len(self.lines) < 2
        return is_short and bool(self.hears(self.words.refusals))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it to go on from."""
        spoken = re.findall(r"[^\W_][\w']*", fold(self.content, self.words.spelling))
        return self.is_refused or all(word in self.words.is_short_talk for word in spoken)

    @property
    def is_by_me(self) -> bool:
        """Whether the person tells of what they did for somebody."""
        return self.hears(self.words.told.by_me) != ""

    @property
    def is_talk_alone(self) -> bool:
        """Whether it speaks to the interviewer and answers nothing."""
        return bool(self.talk) and self.count < LITTLE

    @cached_property
    def lines(self) -> list[str]:
        """The lines of a list, without their bullets; nothing if it is running text."""
        lines = [line for line in self.answer.text.splitlines() if line.strip()]
        bare = [BULLET.sub("", line).strip() for line in lines]
        kept = [line for line in bare if line and len(line.split()) <= LONGEST_LINE]
        return kept if len(kept) > 1 else []

    @cached_property
    def pointer(self) -> Pointer | None:
        """The first sign of something beneath."""
        return next(iter(self.pointers), None)

    @cached_property
    def pointers(self) -> list[Pointer]:
        """Every sign of something beneath, the most telling first."""
        if self.is_empty:
            return []
        slogans = [Pointer("slogan", self.slogan)] if self.slogan and self.count <= 2 * LITTLE else []
        if self.count <= LITTLE:
            return slogans
        heard = ((kind, self._pointed(kind, listed)) for kind, listed in self.words.pointers.items())
        return [*(Pointer(kind, word) for kind, word in heard if word), *slogans]

    def _pointed(self, kind: str, listed: Sequence[str]) -> str:
        """Return the word that shows a pointer; a feeling counts where the person speaks of themselves."""
        own, spelling = without_quotations(self.content), self.words.spelling
        if kind not in self.words.feelings:
            return spelled(own, listed, spelling)
        mine = (s.quote for s in sentences_of(own) if find_word(s.quote, self.words.drafting.first_person, spelling))
        return next((word for sentence in mine if (word := spelled(sentence, listed, spelling))), "")

    @cached_property
    def slogan(self) -> str:
        """A big word in it, as the person spelled it."""
        return spelled(without_quotations(self.content), self.words.slogans, self.words.spelling)

    @cached_property
    def person(self) -> str:
        """Somebody in it who did something, as one speaks of them to the teller; nothing if it is not clear who."""
        return self._clearest(is_in_need=False)

    @cached_property
    def in_need(self) -> str:
        """Somebody in it who had a hard time, in the same way."""
        return self._clearest(is_in_need=True)

    def _clearest(self, *, is_in_need: bool) -> str:
        worth: dict[str, int] = {}
        for span in sentences_of(without_quotations(self.content)):
            if bool(find_word(span.quote, self.words.told.in_need, self.words.spelling)) == is_in_need:
                plain = fold(span.quote, self.words.spelling)
                for found in self._people.finditer(plain):
                    back = self._spoken_back[found["word"]]
                    worth[back] = worth.get(back, 0) + self._weight(plain, found, is_in_need=is_in_need)
        ranked = sorted(worth.items(), key=lambda pair: -pair[1])
        is_clear = len(ranked) == 1 or (len(ranked) > 1 and ranked[0][1] > ranked[1][1])
        return ranked[0][0] if is_clear and ranked[0][1] >= (1 if is_in_need else CLEAR) else ""

    @cached_property
    def _spoken_back(self) -> dict[str, str]:
        return {fold(named, self.words.spelling): back for named, back in self.words.people.items()}

    @cached_property
    def _people(self) -> re.Pattern[str]:
        named = sorted(self._spoken_back, key=len, reverse=True)
        return re.compile(rf"(?<!\w){self.words.spelling.prefixes}(?P<word>{'|'.join(map(re.escape, named))})(?![\w'])")

    def _weight(self, plain: str, found: re.Match[str], *, is_in_need: bool) -> int:
        """Weigh how clearly somebody acts: at the start of a clause, or towards the teller."""
        after = re.findall(r"[\w']+", plain[found.end() :])[:2]
        acts = bool(after) and (is_in_need or after[0] not in self.words.copulas)
        before = plain[: found.start()].rstrip()
        opens = not before or before[-1] in ",;:،؛"
        is_towards = any(word in self.words.drafting.first_person for word in after[1:2])
        return int(acts) * (1 + 2 * int(opens) + 2 * int(is_towards))

    @property
    def has_story(self) -> bool:
        """Whether it tells of something that happened."""
        return not self.is_empty and self.hears(self.words.told.story) != ""

    @property
    def went_badly(self) -> bool:
        """Whether it tells of something that went wrong between people."""
        return self.hears(self.words.told.badly) != ""

    @property
    def tells_what_was_noticed(self) -> bool:
        """Whether it says already what somebody paid attention to."""
        noticed = self.words.told.noticed
        missed = [f"{no} {word}" for no in self.words.drafting.negations for word in noticed]
        return self.count >= TOLD and self.hears(noticed) != "" and not self.hears(missed)

    @property
    def tells_what_is_beneath(self) -> bool:
        """Whether it says already what matters in itself, and not as something that everybody should do."""
        is_for_everyone = any(pointer.kind in FOR_EVERYONE for pointer in self.pointers)
        return self.count >= LITTLE and self.hears(self.words.told.beneath) != "" and not is_for_everyone

    def hears(self, listed: Sequence[str]) -> str:
        """Return the first listed phrase in it, or nothing."""
        return find_word(self.content, listed, self.words.spelling)


def talk_in(span: Span, words: Words) -> tuple[str, Reply] | None:
    """Return what a sentence says to the interviewer, if that is all that it does.

    A listed phrase that ends with a question mark must be the whole sentence; so must greetings and thanks.
    """
    plain = fold(without_quotations(span.quote), words.spelling).strip(" .!,")
    if not plain or len(plain.split()) > LONGEST_TALK:
        return None
    return next(((name, reply) for name, reply in words.replies.items() if _is_talk(plain, reply, words)), None)


def _is_talk(plain: str, reply: Reply, words: Words) -> bool:
    phrase = find_word(plain, reply.heard, words.spelling)
    if not phrase:
        return False
    folded = fold(phrase, words.spelling)
    if reply.is_all or phrase.endswith(words.question_mark):
        return plain.rstrip("?؟! ") == folded.rstrip("?؟! ")
    opens = without_start(plain, words)
    before = len(opens[: opens.find(folded)].split()) if folded in opens else BEFORE
    return before < BEFORE and len(opens.split()) <= len(folded.split()) + BESIDE


def is_same(first: str, second: str) -> bool:
    """Return whether two answers are the same but for spaces and case."""
    return fold(first).split() == fold(second).split()


def focus_of(reading: Reading) -> str:
    """Return who had a hard time in what was told: whoever was in need, or whom the teller did something for."""
    return reading.in_need or (reading.person if reading.is_by_me else "")

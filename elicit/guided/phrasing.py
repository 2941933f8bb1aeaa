"""Find the wording of a question: whose words it gives back, and how it opens.

Rule: a wording is used once in an interview as long as there is another, and a quote is given back once.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from elicit.guided.policies import without_lead_ins
from elicit.guided.reading import FOR_EVERYONE, Reading, focus_of
from elicit.guided.script import Words
from elicit.guided.segments import segments_of
from elicit.guided.wording import LONGEST_QUOTE, UNQUOTABLE, find_word, fold, quote_from, spelled

ECHO = 0.7  # share of an answer from which giving it back is only an echo
GIVEN = re.compile(r"[“«]([^”»]+)[”»]")
SLOT = re.compile(r"\{(?:said|quote|word|person|question)\}")


@dataclass(frozen=True)
class Phrasing:
    """The interviewer's voice in one interview: what it has said so far, and its seed."""

    words: Words
    asked: tuple[str, ...]
    seed: int | str
    question: str = ""

    def ask(self, stage: str, variant: str, *, readings: Sequence[Reading], opening: str) -> str:
        """Return one question, with what it opens with."""
        told = [reading for reading in readings if not reading.is_empty]
        slots = self._slots(stage, variant, told, is_now=bool(told) and told[-1] is readings[-1])
        text = self._choose(self.words.questions[stage][variant], f"{stage}.{variant}", slots)
        opens = "" if any(slot in text for slot in ("{quote}", "{word}")) else self._open(opening, slots, text)
        lead = opens if "{said}" in text or self._is_said_anyway(opening) else ""
        body = text.replace("{said}", "").strip()
        return self._filled(f"{lead} {body}".strip(), slots)

    def ask_about_fit(self, reason: str) -> str:
        """Return the question that takes up why a card does not fit."""
        quote = quote_from(reason, words=self.words)
        fitting = [text for text in self.words.fit if ("{quote}" in text) == bool(quote)]
        return self._filled(random.Random(f"{self.seed}:fit").choice(fitting), {"quote": quote})

    def _is_said_anyway(self, opening: str) -> bool:
        return opening.startswith("reply.") or opening in ("differently", "no_other_words")

    def _slots(self, stage: str, variant: str, told: Sequence[Reading], *, is_now: bool) -> dict[str, str]:
        slots = {"question": self.question}
        if not told or stage == "check" or variant in ("skipped", "gentle", "short", "differently"):
            return slots
        source, listed = self._source(stage, variant, told)
        listed = listed or self._telling(stage, variant, source)
        when = "now" if is_now and source is told[-1] else "earlier"
        person = focus_of if variant == "about" else _person_of
        named = person(source) or next((name for reading in told if (name := person(reading))), "")
        quote = (
            ""
            if self._should_rest(stage, variant)
            else self._quote(stage, source, listed, is_pointed=variant != "plain")
        )
        return slots | {"quote": quote, "when": when, "person": named, "word": self._word(source, variant)}

    def _should_rest(self, stage: str, variant: str) -> bool:
        """Return whether quoting again, right after a quote, would be too much where nothing hangs on it."""
        is_plain = stage not in ("attend_more", "beneath") and variant in ("plain", "person", "about")
        return is_plain and bool(self.asked) and GIVEN.search(self.asked[-1].replace(self.question, "")) is not None

    def _source(self, stage: str, variant: str, told: Sequence[Reading]) -> tuple[Reading, Sequence[str]]:
        """Return the answer that a question takes up, and the words that its quote should hold."""
        listed = [*self.words.pointers.get(variant, []), *(self.words.slogans if variant == "slogan" else [])]
        if listed:
            found = [reading for reading in told if any(pointer.kind == variant for pointer in reading.pointers)]
            return (found or told)[-1], listed
        return told[-1], ()

    def _telling(self, stage: str, variant: str, source: Reading) -> Sequence[str]:
        """Return the words by which the best clause to give back is known."""
        if variant.endswith("badly"):
            return self.words.told.badly
        if variant in ("person", "about"):
            person = focus_of(source) if variant == "about" else source.person
            return [named for named, back in self.words.people.items() if back == person]
        return self.words.told.noticed if stage == "beneath" else self.words.drafting.telling

    def _quote(self, stage: str, source: Reading, listed: Sequence[str], *, is_pointed: bool) -> str:
        """Return a clause that was not given back before; none where it would only echo a short answer."""
        if stage == "attend" and any(pointer.kind in FOR_EVERYONE for pointer in source.pointers):
            return ""
        if stage == "attend_more" or source.lines:
            lines = (without_lead_ins(span.quote, self.words) for span in segments_of(source.content, self.words))
            fitting = [
                line for line in lines if 1 < len(line.split()) <= LONGEST_QUOTE and not set(line) & set(UNQUOTABLE)
            ]
            return max(fitting, key=lambda line: len(line.split()), default="")
        given = [found for text in self.asked for found in GIVEN.findall(text)]
        quote = quote_from(source.content, listed=listed, words=self.words, avoid=given)
        is_beside = bool(listed) and is_pointed and not find_word(quote, listed)
        is_echo = stage not in ("beneath", "attend") and len(quote.split()) > ECHO * source.count
        return "" if is_echo or is_beside else quote

    def _word(self, source: Reading, variant: str) -> str:
        """Return the big word that a question is about, one that was not asked about before if there is one."""
        if variant != "slogan":
            return ""
        given = {fold(found) for text in self.asked for found in GIVEN.findall(text)}
        fresh = [word for word in self.words.slogans if word not in given]
        return spelled(source.content, fresh, self.words.spelling) or source.slogan

    def _choose(self, wordings: Sequence[str], name: str, slots: dict[str, str]) -> str:
        possible = [text for text in wordings if all(slots.get(slot) for slot in self._needs(text))]
        order = list(possible or wordings)
        if name.endswith((".plain", ".person", ".skipped")):
            random.Random(f"{self.seed}:{name}").shuffle(order)
        richest = max(len(self._needs(text)) for text in order)
        order.sort(key=lambda text: len(self._needs(text)) < richest)
        return next((text for text in order if not self._was_said(text)), order[0])

    def _needs(self, text: str) -> list[str]:
        return [slot[1:-1] for slot in SLOT.findall(text) if slot not in ("{said}", "{question}")]

    def _was_said(self, text: str) -> bool:
        """Return whether this wording was used before, whatever stood in its gaps."""
        longest = max(SLOT.split(text), key=len).strip()
        return any(longest in asked for asked in self.asked)

    def _open(self, opening: str, slots: dict[str, str], text: str) -> str:
        if opening.startswith("reply."):
            return self._in_turn(self.words.replies[opening.removeprefix("reply.")].says, opening)
        if opening == "told" and slots.get("quote"):
            when = slots["when"]
            said = self.words.quoting.now if when == "now" else self.words.quoting.earlier
            return self._in_turn(said, f"quoting.{when}")
        return self._in_turn(getattr(self.words.acknowledgements, opening), opening) if opening else ""

    def _in_turn(self, sentences: Sequence[str], name: str) -> str:
        """Take the one that was used least, so that none comes twice in a row."""
        order = list(sentences)
        random.Random(f"{self.seed}:{name}").shuffle(order)
        return min(order, key=lambda text: sum(max(SLOT.split(text), key=len) in asked for asked in self.asked))

    def _filled(self, text: str, slots: dict[str, str]) -> str:
        """Fill the gaps in one pass, so that braces in a person's words stay what they are."""
        return SLOT.sub(lambda found: slots.get(found.group()[1:-1], ""), text)


def _person_of(reading: Reading) -> str:
    return reading.person

"""Choose what to ask about next, by what was told, asked, left out and said about the interview itself.

Rule: nothing is asked that was told already, nothing is dug into more than twice, and the interview ends after `check`
or at the limit of turns, never by a word in a text.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from elicit.guided.distress import hears_distress
from elicit.guided.policies import as_policy
from elicit.guided.reading import ENOUGH_LINES, SHORTEST_STORY, Reading, focus_of, is_same
from elicit.guided.said import Answer, Said, answers_of, is_over
from elicit.guided.script import STAGES, Words
from elicit.guided.segments import segments_of
from elicit.guided.wording import find_word, fold, quote_from

MOST_DIGS = 2  # questions in a row about what lies beneath one thing
MOST_REWORDINGS = 2  # of one question, when somebody asks what it means; a pressed button counts not
MANY_LINES = 5  # lines after which no more are asked for
PATIENCE = 2  # questions left out one after the other, after which only what the card needs is asked


class InterviewIsOver(ValueError):
    """Say that the last question was already asked; draft the card instead."""

    def __init__(self) -> None:
        super().__init__("The last question of this interview was asked. Draft the card instead.")


@dataclass(frozen=True)
class Talk:
    """An interview so far, as the guide sees it."""

    history: tuple[Said, ...]
    words: Words
    max_turns: int
    also: tuple[str, ...] = ()

    @cached_property
    def asked(self) -> list[str]:
        """The stages asked so far, in order."""
        return [said.stage for said in self.history if said.author == "interviewer"]

    @cached_property
    def asked_texts(self) -> list[str]:
        """Everything that the interviewer said."""
        return [said.text for said in self.history if said.author == "interviewer"]

    @cached_property
    def readings(self) -> list[Reading]:
        """Every answer, read; what only asked for other words is none."""
        return [Reading(answer, self.words) for answer in answers_of(self.history) if answer.kind != "differently"]

    @cached_property
    def last(self) -> Reading | None:
        """What the person did last, whatever it was."""
        answers = answers_of(self.history)
        return Reading(answers[-1], self.words) if answers else None

    def next_step(self) -> tuple[str, str]:
        """Return the stage to ask about and the variant of its question."""
        if not self.asked:
            return "story", "plain"
        left = self.max_turns - len(self.asked)
        if left < 1 or is_over(self.history):
            raise InterviewIsOver
        stage = self.asked[-1] if self.asked[-1] in STAGES else "story"
        if self.wants_other_words() and (left > 1 or stage == "check"):
            return stage, "differently"
        if stage == "check":
            raise InterviewIsOver
        stage = self._stage_for(left, self._next_stage(stage))
        return stage, self._variant(stage)

    def wants_other_words(self) -> bool:
        """Return whether the last question should be asked again in other words."""
        if self.last is None:
            return False
        stage = self.asked[-1]
        unused = [
            text for text in self.words.questions.get(stage, {}).get("differently", []) if not self._was_asked(text)
        ]
        if not unused:
            return False
        if self.last.answer.kind == "differently":
            return True
        is_asking = self.last.is_talk_alone and any(reply.then == "same" for _, reply in self.last.talk)
        return is_asking and self._reworded(stage) < MOST_REWORDINGS

    def _was_asked(self, wording: str) -> bool:
        return any(wording in text for text in self.asked_texts)

    def _reworded(self, stage: str) -> int:
        run = next((n for n, asked in enumerate(reversed(self.asked)) if asked != stage), len(self.asked))
        wordings = self.words.questions[stage]["differently"]
        return sum(any(wording in text for wording in wordings) for text in self.asked_texts[len(self.asked) - run :])

    def _stage_for(self, left: int, stage: str) -> str:
        """Keep room at the end for the lines and the name."""
        if left == 1:
            return "check"
        return "attend" if left == 2 and self.line_count < ENOUGH_LINES and "attend" not in self.asked else stage

    def _next_stage(self, after: str) -> str:
        if self.wants_to_end:
            return "check"
        if self._digs_on(after):
            return after
        return next((stage for stage in STAGES[STAGES.index(after) + 1 :] if self._wants(stage)), "check")

    def _wants(self, stage: str) -> bool:
        wanted = {
            "story_more": self._wants_more_story,
            "noticed": self._wants_noticed,
            "beneath": self._wants_beneath,
            "attend": lambda: self.line_count < ENOUGH_LINES,
            "attend_more": self._wants_more_lines,
        }
        return wanted[stage]() if stage in wanted else True

    def _wants_more_story(self) -> bool:
        last = self.last
        if last is None or last.answer.stage != "story" or last.is_empty or not self.is_open:
            return False
        return bool(last.lines) or last.count < SHORTEST_STORY or not last.has_story

    def _wants_noticed(self) -> bool:
        if self.is_impatient or self.leaves_out >= PATIENCE:
            return False
        is_told = any(reading.tells_what_was_noticed for reading in self.readings)
        return not is_told

    def _wants_beneath(self) -> bool:
        if not self.is_open or self.leaves_out >= PATIENCE:
            return False
        return not any(reading.tells_what_is_beneath for reading in self.readings)

    def _wants_more_lines(self) -> bool:
        is_long = self.line_count >= MANY_LINES and "attend" in self.asked
        if is_long or self.is_impatient or self.is_in_distress:
            return False
        return self.leaves_out < PATIENCE

    def _digs_on(self, stage: str) -> bool:
        """Return whether a second question about what lies beneath is called for by what was answered."""
        if stage != "beneath" or self.asked.count("beneath") >= MOST_DIGS or self.last is None or not self.is_open:
            return False
        answers = [reading.answer for reading in self.readings if reading.answer.stage == "beneath"]
        is_new = not any(is_same(self.last.answer.text, other.text) for other in self._before(answers))
        is_reached = self.last.is_empty or self.last.tells_what_is_beneath
        return is_new and not is_reached and self.last.pointer is not None and self.last.pointer.kind != "joy"

    def _before(self, answers: Sequence[Answer]) -> list[Answer]:
        return [answer for answer in answers if self.last and answer.place != self.last.answer.place]

    @cached_property
    def line_count(self) -> int:
        """How many lines of a list the person has written so far."""
        return len({fold(line) for reading in self.readings for line in self.lines_in(reading)})

    def lines_in(self, reading: Reading) -> list[str]:
        """Return the lines of an answer; at the list's own stages each sentence and part counts as one."""
        is_asked_for = reading.answer.stage in ("attend", "attend_more") and not reading.is_empty
        if not is_asked_for:
            return reading.lines
        spans = segments_of(reading.content, self.words)
        return [span.quote for span in spans if as_policy(span.quote, self.words)]

    @property
    def is_open(self) -> bool:
        """Whether the person may be asked on about the same thing."""
        return not (self.is_impatient or self.is_in_distress)

    @cached_property
    def is_impatient(self) -> bool:
        """Whether the person has said that it is too much or always the same."""
        return any(reply.then in ("short", "end") for reading in self.readings for _, reply in reading.talk)

    @cached_property
    def wants_to_end(self) -> bool:
        """Whether the person's last words ask for the end."""
        return self.last is not None and any(reply.then == "end" for _, reply in self.last.talk)

    @cached_property
    def leaves_out(self) -> int:
        """How many stages the person has left out, one after the other, up to now."""
        run = itertools.takewhile(lambda reading: reading.is_empty, reversed(self.readings))
        return len({reading.answer.stage for reading in run})

    @cached_property
    def is_in_distress(self) -> bool:
        """Whether anything that the person wrote sounded like danger."""
        return any(self._alarms(reading) for reading in self.readings)

    def _alarms(self, reading: Reading) -> bool:
        return hears_distress(reading.answer.text, language=self.words.language, also=self.also)

    def care(self) -> list[str]:
        """Return where help is: in full the first time, in short when serious words come again."""
        if self.last is None or not self._alarms(self.last):
            return []
        care = self.words.care.strip()
        return [self.words.care_again.strip() if any(care in text for text in self.asked_texts) else care]

    def opening(self, stage: str, variant: str) -> str:
        """Name what the turn opens with: a reply, a kind of acknowledgement, or nothing."""
        last = self.last
        if last is None or (variant == "gentle" and self._alarms(last)):
            return ""
        if last.talk:
            return f"reply.{last.talk[-1][0]}"
        if variant == "differently":
            return "differently"
        if last.answer.kind == "differently":
            return "no_other_words"
        return ("declined" if last.answer.kind == "declined" else "skipped") if last.is_refused else "told"

    def _variant(self, stage: str) -> str:
        last, variants = self.last, self.words.questions[stage]
        chosen = "plain"
        if self.is_in_distress:
            chosen = "gentle"
        elif self.is_impatient and stage in ("attend", "check"):
            chosen = "short"
        elif last is not None and last.is_empty and stage != "story_more":
            chosen = "skipped"
        elif last is not None:
            chosen = self._variant_by_content(stage, last)
        if chosen not in variants:
            return "skipped" if chosen == "gentle" and "skipped" in variants else "plain"
        return chosen

    def _variant_by_content(self, stage: str, last: Reading) -> str:
        by_stage = {
            "story_more": self._story_variant,
            "noticed": self._noticed_variant,
            "beneath": self._beneath_variant,
            "attend_more": self._lines_variant,
        }
        return by_stage[stage](last) if stage in by_stage else "plain"

    def _story_variant(self, last: Reading) -> str:
        pointer = last.pointer.kind if last.pointer else ""
        if last.lines:
            return "listed"
        if pointer in self.words.feelings:
            return "feeling"
        if not last.has_story and pointer:
            return {"slogan": "slogan", "goal": "goal"}.get(pointer, "rule")
        if last.person:
            return "person"
        return "abstract" if last.count >= SHORTEST_STORY else "plain"

    def _noticed_variant(self, last: Reading) -> str:
        told = [reading for reading in self.readings if reading.has_story or reading.person]
        if not told:
            return "skipped"
        person = any(reading.person for reading in told)
        if any(reading.went_badly for reading in told):
            return "person_badly" if person else "badly"
        if person and not any(reading.is_by_me for reading in told):
            return "person"
        return "about" if self.in_focus else "plain"

    @property
    def in_focus(self) -> str:
        """Who had a hard time in what was told, if it is clear."""
        return next((name for reading in self.readings if (name := focus_of(reading))), "")

    def _beneath_variant(self, last: Reading) -> str:
        if last.lines and not self._asked_for_lines:
            return "listed"
        pointer = self.open_pointer
        if pointer:
            return pointer
        if any(reading.went_badly for reading in self.readings) or last.hears(self._hard_feelings):
            return "missing"
        return "person" if last.person and not last.is_by_me else "plain"

    @property
    def _hard_feelings(self) -> list[str]:
        """Every word for a feeling that hurts, whoever has it."""
        hard = (kind for kind in self.words.feelings if kind != "joy")
        return [word for kind in hard for word in self.words.pointers.get(kind, [])]

    @property
    def _asked_for_lines(self) -> bool:
        return "attend" in self.asked or "beneath" in self.asked

    @property
    def open_pointer(self) -> str:
        """The kind of the newest sign of something beneath; one from earlier counts if it can be quoted."""
        if self.last is not None and self.last.pointer:
            return self.last.pointer.kind
        if "beneath" in self.asked:
            return ""
        earlier = [(read, read.pointer.kind) for read in reversed(self.readings) if read.pointer]
        return next((kind for read, kind in earlier if self._can_go_back_to(read, kind)), "")

    def _can_go_back_to(self, reading: Reading, kind: str) -> bool:
        listed = self.words.pointers.get(kind, [])
        if kind not in ("norm", *self.words.feelings) or kind == "joy":
            return False
        return bool(find_word(quote_from(reading.content, listed=listed, words=self.words), listed))

    def _lines_variant(self, last: Reading) -> str:
        lines = self.lines_in(last)
        if len(lines) < ENOUGH_LINES and self.line_count < ENOUGH_LINES:
            return "few"
        kinds = [Reading(Answer(0, "", line), self.words) for line in lines]
        rules = [read for read in kinds if read.hears(self.words.advice.rule)]
        if len(rules) * 2 > len(lines):
            return "rule"
        return "slogan" if any(read.slogan and read.count <= ENOUGH_LINES for read in kinds) else "plain"

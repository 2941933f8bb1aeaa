"""Checks between files: utterances against conversations, metadata against every text.

Rule: a row of a conversation that was unreadable is held against nothing, so that one mistake is not told many times.
"""

from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elicit.prism.ids import id_number
from elicit.prism.ledgers import Numbered, People, Talks
from elicit.prism.reports import Findings, shown
from elicit.prism.schema import CONVERSATIONS, METADATA, SURVEY, SURVEY_TEXTS, TYPES, UTTERANCES

Row = Mapping[str, Any]
Ints = NDArray[np.int64]


class Utterances:
    """Holds each utterance against the answer of the conversation that it repeats."""

    def __init__(self, talks: Talks, people: People, first: Ints, models: set[str], findings: Findings) -> None:
        self.talks, self.people, self.models, self.findings = talks, people, models, findings
        self.first = first.tolist()
        self.rows = Numbered("ut")
        self.interaction = array("q")

    def read(self, row: Row, *, is_well: bool) -> None:
        """Check one row."""
        say = self.findings.say
        place = self.rows.add(str(row.get("utterance_id")), "utterance_id", self.findings)
        if place is not None:
            self.interaction.append(-1)
        if not is_well:
            self._note_seen(row)
            return
        talk = self.talks.rows.find(row["conversation_id"])
        if row["model_name"] not in self.models:
            say("model_name", "unknown_model", f"{shown(row['model_name'])} is not in models.jsonl.")
        if self.people.rows.find(row["user_id"]) is None:
            say("user_id", "unknown_user", f"{shown(row['user_id'])} is not in the survey.")
        if talk is None:
            say("conversation_id", "unknown_conversation", f"{shown(row['conversation_id'])} is not there.")
            return
        if place is not None:
            self.interaction[place] = self.first[talk] + row["turn"]
        number = id_number(row["interaction_id"], "int")
        if number != self.first[talk] + row["turn"]:
            wanted = f"int{self.first[talk] + row['turn']}"
            say("interaction_id", "interaction_rank", f"Turn {row['turn']} of {row['conversation_id']} is {wanted}.")
        if self.talks.is_known[talk]:
            self._compare(row, talk)

    def _compare(self, row: Row, talk: int) -> None:
        talks, answers, say = self.talks, self.talks.answers, self.findings.say
        person = self.people.rows.find(row["user_id"])
        if person is not None and person != talks.person[talk]:
            say("user_id", "copies", "The conversation is another participant's.")
        if TYPES.index(row["conversation_type"]) != talks.kind[talk]:
            say("conversation_type", "copies", "The conversation has another type.")
        if row["included_in_balanced_subset"] != talks.is_balanced[talk]:
            say("included_in_balanced_subset", "copies", "The conversation says otherwise.")
        place = talks.answer_at(talk, row["turn"], row["within_turn_id"])
        if place is None:
            say("within_turn_id", "unknown_answer", "The conversation has no such answer on this turn.")
            return
        if answers.seen[place]:
            say("within_turn_id", "repeated_answer", "This answer stands in the file already.")
        answers.seen[place] = 1
        if hash(row["user_prompt"]) != talks.prompts[talks.first_prompt[talk] + row["turn"]]:
            say("user_prompt", "copies", "The conversation has another text on this turn.")
        pairs = (
            ("model_response", hash(row["model_response"]), answers.text[place]),
            ("model_name", hash((row["model_name"], row["model_provider"])), answers.model[place]),
            ("score", row["score"], answers.score[place]),
            ("if_chosen", row["if_chosen"], answers.chosen[place]),
        )
        for name, here, there in pairs:
            if here != there:
                say(name, "copies", "The conversation says otherwise.")

    def _note_seen(self, row: Row) -> None:
        """Count an answer as there although its row is not well, where it can be told which one it is."""
        talk = self.talks.rows.find(str(row.get("conversation_id")))
        turn, within = row.get("turn"), row.get("within_turn_id")
        if talk is not None and type(turn) is int and type(within) is int:
            place = self.talks.answer_at(talk, turn, within)
            if place is not None:
                self.talks.answers.seen[place] = 1

    def finish(self, file: str) -> None:
        """Name the conversations whose answers are not all there."""
        talks = self.talks
        seen = np.frombuffer(bytes(talks.answers.seen), dtype=np.uint8)
        starts = np.array(talks.first_answer)
        lacking = np.unique(np.searchsorted(starts, np.flatnonzero(seen == 0), side="right") - 1)
        for talk in lacking.tolist():
            count = int((seen[starts[talk] : starts[talk + 1]] == 0).sum())
            message = f"{count} of its answers are not in {UTTERANCES.file_name}."
            self.findings.say_at(file, talks.rows.lines[talk], "conversation_history", "missing_utterance", message)


class Texts:
    """Counts each text's row of metadata: exactly one."""

    def __init__(self, talks: Talks, people: People, first: Ints, utterances: Utterances, findings: Findings) -> None:
        self.talks, self.people, self.utterances, self.findings = talks, people, utterances, findings
        self.first = first.tolist()
        self.interactions = int(sum(talks.turns))
        self.seen = {
            "self_description": bytearray(len(people.rows.lines)),
            "system_string": bytearray(len(people.rows.lines)),
            "open_feedback": bytearray(len(talks.rows.lines)),
            "user_prompt": bytearray(self.interactions),
            "model_response": bytearray(len(utterances.rows.lines)),
        }

    def read(self, row: Row, *, is_well: bool) -> None:
        """Check one row."""
        column = row.get("column_id")
        if not isinstance(column, str) or column not in self.seen:
            return
        said = self.findings.total()
        place = self._place(column, row)
        if place is None:
            if is_well and self.findings.total() == said:
                self.findings.say("column_id", "unknown_text", "There is no such text.")
            return
        if self.seen[column][place]:
            self.findings.say("column_id", "repeated_text", f"This {column} has a row already.")
        self.seen[column][place] = 1

    def _place(self, column: str, row: Row) -> int | None:
        """Return which text of its column a row is about, and say which of its ids lead nowhere."""
        say = self.findings.say
        person = self.people.rows.find(str(row.get("user_id")))
        if person is None:
            say("user_id", "unknown_user", f"{shown(row.get('user_id'))} is not in the survey.")
        if column in SURVEY_TEXTS:
            return person
        talk = self.talks.rows.find(str(row.get("conversation_id")))
        if talk is None:
            say("conversation_id", "unknown_conversation", f"{shown(row.get('conversation_id'))} is not there.")
            return None
        if person is not None and self.talks.is_known[talk] and self.talks.person[talk] != person:
            say("user_id", "copies", "The conversation is another participant's.")
        if column == "open_feedback":
            return talk
        number = id_number(str(row.get("interaction_id")), "int")
        if number is None or not 0 <= number - self.first[talk] < self.talks.turns[talk]:
            say(
                "interaction_id", "interaction_rank", f"{shown(row.get('interaction_id'))} is not of this conversation."
            )
            return None
        return number if column == "user_prompt" else self._answer(row, number)

    def _answer(self, row: Row, interaction: int) -> int | None:
        place = self.utterances.rows.find(str(row.get("utterance_id")))
        if place is None:
            self.findings.say("utterance_id", "unknown_utterance", f"{shown(row.get('utterance_id'))} is not there.")
        elif self.utterances.interaction[place] not in (-1, interaction):
            self.findings.say("utterance_id", "copies", "The utterance belongs to another interaction.")
        return place

    def finish(self) -> None:
        """Name the texts that have no row, at the row where the text stands."""
        say = self.findings.say_at
        for column, seen in self.seen.items():
            for place in np.flatnonzero(np.frombuffer(bytes(seen), dtype=np.uint8) == 0).tolist():
                file, line = self._where(column, place)
                say(file, line, column, "missing_metadata", f"The text has no row in {METADATA.file_name}.")

    def _where(self, column: str, place: int) -> tuple[str, int]:
        if column in SURVEY_TEXTS:
            return SURVEY.file_name, self.people.rows.lines[place]
        if column == "model_response":
            return UTTERANCES.file_name, self.utterances.rows.lines[place]
        if column == "user_prompt":
            order = np.argsort(self.first, kind="stable")
            place = int(order[np.searchsorted(np.array(self.first)[order], place, side="right") - 1])
        return CONVERSATIONS.file_name, self.talks.rows.lines[place]

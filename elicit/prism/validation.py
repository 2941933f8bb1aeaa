"""Check a folder that says it is a PRISM release, and name everything that is wrong with it.

Rule: five files are read once, line by line; nothing of them stays in memory but numbers. Quirks of the published files
are no violations: NaN for a flag that nobody set, equal answers that are both chosen, `EMPTY STRING`, missing blocks.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from elicit.prism.crossings import Texts, Utterances
from elicit.prism.fields import RowCheck, row_check
from elicit.prism.files import Release, UnreadableFile, file_path, read_release, scan_lines, verify_checksums
from elicit.prism.ledgers import KINDS, People, Talks
from elicit.prism.reports import Findings, Report, shown
from elicit.prism.rows import check_conversation, check_flags, check_model, check_survey
from elicit.prism.schema import (
    CONVERSATIONS,
    FILES,
    METADATA,
    MODELS,
    SURVEY,
    TYPES,
    UTTERANCES,
    FileSpec,
)

Row = Mapping[str, Any]
__all__ = ["Report", "validate"]


def validate(folder: Path) -> Report:
    """Return everything that is wrong with a release, each thing by file, line, field and rule.

    The folder holds survey, conversations, utterances, metadata and models as JSON Lines (metadata may lie in a folder
    of its own), and may hold release.json and SHA256SUMS. Time grows in proportion to the rows; memory by some hundred
    bytes a row, whatever the texts. Source of the rules: PRISM (arXiv 2404.16019), codebook and processing code.
    """
    findings = Findings(file="release.json")
    try:
        release = read_release(folder)
    except UnreadableFile as error:
        findings.say("", "release", str(error))
        release = Release()
    for sentence in verify_checksums(folder):
        findings.say_at("SHA256SUMS", 0, "", "checksum", sentence)
    _Reading(folder, release, findings).read()
    return findings.report()


class _Reading:
    """One pass over the five files."""

    def __init__(self, folder: Path, release: Release, findings: Findings) -> None:
        self.folder, self.release, self.findings = folder, release, findings
        self.checks: dict[str, RowCheck] = {name: row_check(spec, release) for name, spec in FILES.items()}
        self.models: set[str] = set()
        self.people, self.talks = People(), Talks()

    def read(self) -> None:
        """Read the files in the order in which they refer to each other."""
        self._read_models()
        self._read_survey()
        self._read_conversations()
        self._check_people()
        self.first = self.talks.first_interactions()
        self._read_utterances()
        self._read_metadata()

    def _rows(self, spec: FileSpec) -> Iterator[tuple[Row, bool]]:
        """Yield each row that is an object, and whether its fields are well; the findings stand at its line."""
        findings, path = self.findings, file_path(self.folder, spec)
        findings.file, findings.line = spec.file_name, 0
        if not path.is_file():
            findings.say("", "file_missing", "The file is missing.")
            return
        check = self.checks[spec.name]
        for line in scan_lines(path):
            findings.line = line.number
            findings.rows[spec.file_name] += 1
            if line.row is None:
                findings.say("", "unreadable", line.problem)
            else:
                yield line.row, check(line.row, findings.say)

    def _read_models(self) -> None:
        for row, is_well in self._rows(MODELS):
            name = str(row.get("long_name"))
            if name in self.models:
                self.findings.say("long_name", "duplicate_id", f"{shown(name)} stands in the file already.")
            self.models.add(name)
            if is_well:
                check_model(row, self.release, self.findings.say)

    def _read_survey(self) -> None:
        for row, is_well in self._rows(SURVEY):
            place = self.people.rows.add(str(row.get("user_id")), "user_id", self.findings)
            if is_well:
                check_survey(row, self.release, self.findings.say)
            if place is not None and is_well:
                self.people.add(row, place)
            elif place is not None:
                self.people.note_unread()

    def _read_conversations(self) -> None:
        say = self.findings.say
        for row, is_well in self._rows(CONVERSATIONS):
            place = self.talks.rows.add(str(row.get("conversation_id")), "conversation_id", self.findings)
            can_hold = is_well and check_conversation(row, self.release, say)
            person = self.people.rows.find(str(row.get("user_id")))
            if person is None:
                say("user_id", "unknown_user", f"{shown(row.get('user_id'))} is not in the survey.")
            elif row.get("conversation_type") in TYPES:
                kind = TYPES.index(row["conversation_type"])
                self.people.note_talk(person, kind, is_balanced=row.get("included_in_balanced_subset") is True)
            if can_hold:
                self._check_known_models(row)
            if place is not None and can_hold and person is not None:
                self.talks.add(row, person)
            elif place is not None:
                turns = row.get("conversation_turns")
                self.talks.note_unread(turns if type(turns) is int and 0 < turns < 10_000 else 1)

    def _check_known_models(self, row: Row) -> None:
        names = {item["model_name"] for item in row["conversation_history"] if item["role"] == "model"}
        for name in sorted(names - self.models):
            self.findings.say("conversation_history", "unknown_model", f"{shown(name)} is not in models.jsonl.")

    def _check_people(self) -> None:
        """Hold what the survey says of conversations against the conversations."""
        people, file = self.people, SURVEY.file_name
        talks = np.array(people.talks, dtype=np.int64).reshape(-1, KINDS)
        balanced = np.array(people.balanced, dtype=np.int64).reshape(-1, KINDS)
        declared, flags = np.array(people.declared), np.frombuffer(bytes(people.is_balanced), dtype=np.uint8)
        lines, say = people.rows.lines, self.findings.say_at
        for place in np.flatnonzero((declared >= 0) & (talks.sum(axis=1) != declared)):
            message = f"It says {declared[place]}; there are {talks[place].sum()} conversations."
            say(file, lines[place], "num_completed_conversations", "completed_count", message)
        for place in np.flatnonzero((flags < 2) & (balanced.any(axis=1) != (flags == 1))):
            message = "It must be true exactly where one of the person's conversations is in the balanced subset."
            say(file, lines[place], "included_in_balanced_subset", "balanced_person", message)
        for place in np.flatnonzero((balanced != talks.min(axis=1, keepdims=True)).any(axis=1)):
            message = f"{balanced[place].tolist()} of {talks[place].tolist()} conversations by type: not equally many."
            say(file, lines[place], "included_in_balanced_subset", "balanced_types", message)

    def _read_utterances(self) -> None:
        self.utterances = Utterances(self.talks, self.people, self.first, self.models, self.findings)
        for row, is_well in self._rows(UTTERANCES):
            self.utterances.read(row, is_well=is_well)
        self.utterances.finish(CONVERSATIONS.file_name)

    def _read_metadata(self) -> None:
        texts = Texts(self.talks, self.people, self.first, self.utterances, self.findings)
        for row, is_well in self._rows(METADATA):
            if is_well:
                check_flags(row, self.findings.say)
            texts.read(row, is_well=is_well)
        texts.finish()

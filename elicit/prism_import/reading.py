"""Read a folder that was checked: what of it is taken in, and what is not because it, or what it hangs on, is wrong.

Rule: without `skip_bad` one violation refuses the folder. With it, a bad row is left out with everything that depends
on it: a person with their conversations, a conversation with its answers, an answer with its conversation.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from elicit.errors import ImportFailed
from elicit.prism.files import Release, file_names, read_release, scan_lines
from elicit.prism.ids import id_number
from elicit.prism.reports import Report
from elicit.prism_import.lookups import Lookup, look_up_metadata, look_up_utterances

Row = dict[str, Any]
FIRST_PROBLEMS = 20


class InvalidRelease(ImportFailed):
    """A folder is no valid release. `violations` says what is wrong, by file, line, field and rule."""

    def __init__(self, report: Report) -> None:
        self.violations, self.counts = report.violations, report.counts
        told = "\n".join(str(each) for each in self.violations[:FIRST_PROBLEMS])
        many = sum(report.counts.values())
        super().__init__(f"The release is not valid ({many} violations), and nothing was written. The first:\n{told}")


@dataclass(frozen=True)
class BadLines:
    """Which lines of each file break a rule."""

    by_file: dict[str, frozenset[int]] = field(default_factory=dict)

    def of(self, file: str) -> frozenset[int]:
        """Return the numbers of the bad lines of a file."""
        return self.by_file.get(file, frozenset())


def bad_lines(report: Report) -> BadLines:
    """Return the lines to skip.

    Raises
    ------
    InvalidRelease
        When a whole file is wrong: then there is no line to skip.
    """
    if any(0 in lines for lines in report.lines.values()):
        raise InvalidRelease(report)
    return BadLines({Path(file).name: lines for file, lines in report.lines.items()})


@dataclass
class Source:
    """An open folder. `skipped` counts what is left out, by reason."""

    release: Release
    paths: dict[str, Path]
    bad: BadLines
    metadata: Lookup
    utterances: Lookup
    bad_conversations: frozenset[int]
    skipped: Counter[str] = field(default_factory=Counter)

    def rows(self, name: str) -> Iterator[Row]:
        """Yield the good rows of a file."""
        path = self.paths[name]
        bad = self.bad.of(path.name)
        for line in scan_lines(path):
            if line.row is None or line.number in bad:
                self.skipped[f"rows of {path.name} that break a rule"] += 1
            else:
                yield line.row

    def answers_to(self, conversation: Row) -> list[Row]:
        """Return the rows of utterances.jsonl that belong to a conversation."""
        identifier = conversation["conversation_id"]
        number = id_number(identifier, "c")
        found: list[Row] = []
        for row in self.utterances.rows("conversation", -1 if number is None else number):
            if row.get("conversation_id") != identifier:
                break
            found.append(row)
        return found


@contextmanager
def opened(folder: Path, *, bad: BadLines) -> Iterator[Source]:
    """Open the files of a folder, and close them afterwards."""
    paths = file_names(folder)
    with ExitStack() as stack:
        metadata = look_up_metadata(paths["metadata"], skip=bad.of("metadata.jsonl"))
        stack.callback(metadata.close)
        utterances = look_up_utterances(paths["utterances"], skip=bad.of("utterances.jsonl"))
        stack.callback(utterances.close)
        yield Source(
            read_release(folder), paths, bad, metadata, utterances, _with_bad_answers(paths["utterances"], bad)
        )


def _with_bad_answers(path: Path, bad: BadLines) -> frozenset[int]:
    """Return the numbers of the conversations of which an answer is wrong."""
    wrong = bad.of(path.name)
    if not wrong:
        return frozenset()
    rows = (line.row for line in scan_lines(path) if line.number in wrong and line.row is not None)
    numbers = (id_number(str(row.get("conversation_id")), "c") for row in rows)
    return frozenset(number for number in numbers if number is not None)


def is_complete(conversation: Row, utterances: Sequence[Row]) -> bool:
    """Say whether every answer of a conversation's history stands in utterances.jsonl, once."""
    told = [(row.get("turn"), row.get("within_turn_id")) for row in utterances]
    items = conversation["conversation_history"]
    return sorted(told) == sorted((item["turn"], item["within_turn_id"]) for item in items if item["role"] == "model")

"""The five files of a release and its extras, written line by line.

Rule: every file is written once, in the order of the release, and nothing is held in memory but the row at hand.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from elicit.prism.files import line_of
from elicit.prism.schema import TEXT_COLUMNS

Row = Mapping[str, Any]
METADATA = "metadata/metadata.jsonl"


class Lines:
    """Open files of a folder, each by its path in it; `counts` says how many lines went into each."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.counts = folder, Counter[str]()
        self._stack = stack
        self._files: dict[str, IO[str]] = {}
        self._parts: dict[str, IO[str]] = {
            column: stack.enter_context(tempfile.TemporaryFile("w+", encoding="ascii"))  # noqa: SIM115 (the stack closes it)
            for column in TEXT_COLUMNS
        }

    def add(self, name: str, row: Row | None) -> None:
        """Write a row into a file; nothing for None."""
        if row is not None:
            self._file(name).write(line_of(row))
            self.counts[name] += 1

    def add_metadata(self, row: Row) -> None:
        """Keep a row about a text until all of its column are together."""
        self._parts[row["column_id"]].write(line_of(row))
        self.counts[METADATA] += 1

    def join_metadata(self) -> None:
        """Write the kept rows, column after column."""
        target = self._file(METADATA)
        for part in self._parts.values():
            part.seek(0)
            shutil.copyfileobj(part, target)

    def touch(self, name: str) -> None:
        """Make a file, in case nothing goes into it."""
        self._file(name)

    def _file(self, name: str) -> IO[str]:
        if name not in self._files:
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            self._files[name] = self._stack.enter_context(path.open("w", encoding="ascii", newline="\n"))
        return self._files[name]


@contextmanager
def lines_in(folder: Path) -> Iterator[Lines]:
    """Open a folder for writing; leaving it puts the metadata together and closes every file."""
    with ExitStack() as stack:
        lines = Lines(folder, stack)
        for name in ("survey.jsonl", "conversations.jsonl", "utterances.jsonl", "models.jsonl", METADATA):
            lines.touch(name)
        yield lines
        lines.join_metadata()


@contextmanager
def whole_or_not(folder: Path, refuse: Callable[[str], Exception]) -> Iterator[Path]:
    """Give a folder beside `folder` to write in, and put it there once all went well; otherwise nothing is left."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise refuse(f"{folder} is there already. A release never adds to one; name another folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
    try:
        yield partial
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)

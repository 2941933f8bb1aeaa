"""What is wrong with a release: every violation counted, the first of each kind kept with its place.

Rule: a report grows with the number of rules, not with the number of rows, but for the numbers of the bad lines.
"""

from collections import Counter
from dataclasses import dataclass, field

KEPT = 20  # violations kept a rule; the rest are counted


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong. `line` is 0 where a whole file is meant, `field` a dotted path or empty."""

    file: str
    line: int
    field: str
    rule: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{place}: {f'{self.field}: ' if self.field else ''}{self.message} [{self.rule}]"


@dataclass(frozen=True)
class Report:
    """The violations that were kept, how many there are by rule, how many rows each file has, and its bad lines."""

    violations: tuple[Violation, ...]
    counts: dict[str, int]
    rows: dict[str, int]
    lines: dict[str, frozenset[int]] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        """Whether nothing is wrong."""
        return not self.counts


@dataclass
class Findings:
    """Collects violations. `file` and `line` say where the reader stands."""

    file: str = ""
    line: int = 0
    kept: list[Violation] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    lines: dict[str, set[int]] = field(default_factory=dict)

    def say(self, path: str, rule: str, message: str) -> None:
        """Note a violation of the row that is being read."""
        self.say_at(self.file, self.line, path, rule, message)

    def say_at(self, file: str, line: int, path: str, rule: str, message: str) -> None:
        """Note a violation of another row, or of a whole file (line 0)."""
        self.counts[rule] += 1
        self.lines.setdefault(file, set()).add(line)
        if self.counts[rule] <= KEPT:
            self.kept.append(Violation(file, line, path, rule, message))

    def total(self) -> int:
        """Return how many violations were found so far."""
        return self.counts.total()

    def report(self) -> Report:
        """Return what was found."""
        lines = {file: frozenset(numbers) for file, numbers in self.lines.items()}
        return Report(tuple(self.kept), dict(sorted(self.counts.items())), dict(self.rows), lines)


def shown(value: object, most: int = 60) -> str:
    """Return a value as a message may quote it: short, on one line.

    >>> shown("a" * 100)[:8], len(shown("a" * 100))
    ("'aaaaaaa", 60)
    """
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 3]}..."

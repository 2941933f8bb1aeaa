"""Texts that never were: sentences from a few fragments, cut to a length, each one marked as made up.

Rule: every free text begins with the mark, so that no line of a synthetic release can be taken for a person's words.
"""

from functools import lru_cache
from itertools import product
from math import exp, log, sqrt
from pathlib import Path

import numpy as np
import yaml

MARK = "[synthetic]"
POOL = 300_000  # characters of running text to cut from
MARGIN = 12_000  # longer than the longest text
LIST_ITEMS = 3


@lru_cache(maxsize=1)
def fragments() -> dict[str, list[list[str]]]:
    """Return the groups of fragments by kind of text."""
    facts: dict[str, list[list[str]]] = yaml.load(
        (Path(__file__).parent / "words.yaml").read_text("utf-8"),
        yaml.CSafeLoader,  # noqa: S506
    )
    return facts


class Words:
    """Cuts texts of a wanted length from running text that is made once."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._pools: dict[str, str] = {}
        self._places: list[int] = []
        self._normals: list[float] = []
        self._tag = 0

    def length(self, mean: float, sd: float, most: float) -> float:
        """Return a length with a long tail (log-normal), by the mean, the deviation and the most of all texts."""
        spread = log(1 + (sd / mean) ** 2)
        return min(most, exp(log(mean) - spread / 2 + sqrt(spread) * self._normal()))

    def text(self, kind: str, length: float, *, is_list: bool = False) -> str:
        """Return a marked text of about `length` characters, never shorter than one word after the mark.

        >>> Words(np.random.default_rng(0)).text("system", 80).startswith("[synthetic] ")
        True
        """
        pool = self._pool(kind)
        start = pool.index(f"{pool[-2]} ", self._place()) + 2
        stop = start + max(8, int(length) - len(MARK) - 2)
        end = pool.find(" ", stop)
        body = pool[start:end].rstrip(",.;?")
        return f"{MARK} {_as_list(body)}." if is_list else f"{MARK} {body}."

    def answer(self, length: float, *, is_list: bool) -> str:
        """Return a marked answer with a number of its own, so that no two are equal by chance."""
        self._tag += 1
        text = self.text("answers", length - len(str(self._tag)) - 5, is_list=is_list)
        return f"{MARK} No. {self._tag}: {text[len(MARK) + 1 :]}"

    def question(self, kind: str, length: float) -> str:
        """Return a marked question; short ones recur, as people's do."""
        head = self.text(kind, length)
        return f"{head[:-1]}?"

    def _pool(self, kind: str) -> str:
        if kind not in self._pools:
            every = [" ".join(part for part in parts if part) for parts in product(*fragments()[kind])]
            picks = self._rng.integers(0, len(every), POOL // 40)
            text = "".join(f"{every[pick]} " if every[pick].endswith(".") else f"{every[pick]}? " for pick in picks)
            self._pools[kind] = text * (1 + (POOL + MARGIN) // len(text))
        return self._pools[kind]

    def _normal(self) -> float:
        if not self._normals:
            self._normals = self._rng.standard_normal(10_000).tolist()
        return self._normals.pop()

    def _place(self) -> int:
        if not self._places:
            self._places = self._rng.integers(0, POOL, 10_000).tolist()
        return self._places.pop()


def _as_list(body: str) -> str:
    """Break a text into an introduction and numbered lines."""
    size = len(body) // (LIST_ITEMS + 1)
    lines, start = [], 0
    for number in range(LIST_ITEMS + 1):
        end = body.find(" ", (number + 1) * size) if number < LIST_ITEMS else len(body)
        end = len(body) if end < 0 else end
        lines.append(body[start:end].strip() if number == 0 else f"{number}. {body[start:end].strip()}")
        start = end
    return "\n".join(lines)

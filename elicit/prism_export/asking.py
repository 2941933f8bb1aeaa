"""What is asked for when a study is released, and what refuses it."""

from dataclasses import dataclass
from typing import Literal

from elicit.errors import WellspringError
from elicit.prism.generalising import USUAL_K

Level = Literal["generalised", "raw"]


class ReleaseRefused(WellspringError):
    """A release would not be right or not be allowed; no folder was left."""


@dataclass(frozen=True)
class Asked:
    """How a study is to be released. A raw release names who asked for it and who answers for it: `raw_for`.

    `name` goes into the order of a generalised release, so that two releases do not line up; `simulated` releases what
    programs did instead of what people did, and never both.
    """

    name: str
    level: Level = "generalised"
    raw_for: str = ""
    k: int = USUAL_K
    keeps_texts: bool = True
    simulated: bool = False
    licence: str = "CC BY 4.0"

    @property
    def is_raw(self) -> bool:
        """Whether every person is told as they are."""
        return self.level == "raw"


def check_asked(asked: Asked) -> None:
    """Refuse what cannot be asked for.

    Raises
    ------
    ReleaseRefused
        When a raw release names nobody, or k is no protection.
    """
    if asked.is_raw and not asked.raw_for.strip():
        raise ReleaseRefused(
            "A raw release tells every person as they are. Name who asked for it and why they may have it "
            '(--i-may-hand-out-raw "name, reason"); it is written into the data card. No folder was left.'
        )
    if not asked.is_raw and asked.k < 2:
        raise ReleaseRefused("k is the least number of people who look alike; under 2 it protects nobody.")

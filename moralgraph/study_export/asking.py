"""What is asked for when a study is exported."""

from collections.abc import Sequence
from dataclasses import dataclass

from elicit.errors import WellspringError

PURPOSES = ("explore", "publish")


class ExportRefused(WellspringError):
    """An export would not be allowed or not be whole; no folder was left."""


@dataclass(frozen=True)
class Asked:
    """For which purpose a study is exported, what the release is called, and what goes in.

    `name` goes into the codes of people, so that two releases do not line up. `origins` empty: people's where people
    have judged. Without `keeps_texts` what people wrote beside their cards stays here;
    of what anybody may read it always does.
    """

    name: str
    purpose: str
    origins: Sequence[str] = ()
    method: str = "repaired"
    keeps_texts: bool = True

    @property
    def is_public(self) -> bool:
        """Whether anybody may read it: then times are told to the month."""
        return self.purpose == "publish"


def check_asked(asked: Asked) -> None:
    """Refuse what cannot be asked for.

    Raises
    ------
    ExportRefused
    """
    if asked.purpose not in PURPOSES:
        raise ExportRefused(f'"{asked.purpose}" is no purpose of an export; use one of {", ".join(PURPOSES)}.')
    if not asked.name.strip():
        raise ExportRefused("An export needs a name; it makes the codes of people its own.")

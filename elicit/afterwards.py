"""What a participant's own pages lead to once something has come of their answers.

Rule: this app knows no app to its right; each of those registers a reader that says what there is for one participant,
or that there is nothing yet.
"""

from collections.abc import Callable
from dataclasses import dataclass

from elicit.models import Participant


@dataclass(frozen=True)
class Afterwards:
    """A page that waits for somebody: a sentence about it, the button's words and the address."""

    words: str
    label: str
    url: str


Reader = Callable[[Participant], Afterwards | None]

_READERS: dict[str, Reader] = {}


def register_afterwards(reader: Reader) -> None:
    """Add a page. Registering the same reader again replaces it."""
    _READERS[f"{reader.__module__}.{reader.__qualname__}"] = reader


def afterwards_of(participant: Participant) -> list[Afterwards]:
    """Return the pages that wait for a participant now."""
    found = (reader(participant) for reader in _READERS.values())
    return [page for page in found if page is not None]

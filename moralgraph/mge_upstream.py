"""Read a study in the layout of the reference's own database export: one JSON list a table, camelCase fields.

Rule: files about who people are (accounts, e-mail codes, talks, questions about the person with names or panel ids)
are refused, whole folder and all, before anything else is read. A person is only ever a number here, and what somebody
wrote beside a judgement is not read. Nothing here writes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from elicit.errors import ImportFailed
from moralgraph.mge_files import (
    Id,
    MgeCard,
    MgeJudgement,
    Phrase,
    Refuse,
    Row,
    Text,
    Title,
    items_of,
    refusal,
    validated,
)

CARDS_FILE = "canonicalValuesCard.json"
JUDGEMENTS_FILE = "edge.json"
CONTEXTS_FILE = "context.json"
OWN_CARDS_FILE = "valuesCard.json"
FILES = (CARDS_FILE, JUDGEMENTS_FILE, CONTEXTS_FILE, OWN_CARDS_FILE)
PERSONAL_FILES = (
    "user",
    "users",
    "emailcode",
    "emailcodes",
    "chat",
    "chats",
    "account",
    "accounts",
    "session",
    "sessions",
)
PEOPLE_FILES = ("demographic", "demographics")
PERSONAL_FIELDS = (
    "email",
    "name",
    "firstname",
    "lastname",
    "username",
    "phone",
    "prolificid",
    "prolific_id",
    "participant id",
)
NO_STORY = ("", "OLD")
FIELDS = {"participant": "userId", "from_card": "fromId", "to_card": "toId", "context": "contextId",
          "verdict": "relationship", "created_at": "createdAt"}  # fmt: skip


class OwnCard(Row):
    """A participant's own card, and the canonical card that was put in its place. Whose it is is not known."""

    id: Id
    title: Title
    description: Text
    policies: Annotated[list[Phrase], Field(min_length=1, max_length=50)]
    canonical: Id | None
    created_at: Annotated[AwareDatetime, Field(strict=False)]


@dataclass(frozen=True)
class Upstream:
    """What a folder of the reference's own layout holds."""

    cards: Mapping[str, MgeCard]
    judgements: list[MgeJudgement]
    own_cards: list[OwnCard]
    later: int


def is_upstream(folder: Path) -> bool:
    """Say whether a folder is in the reference's own layout."""
    return (folder / JUDGEMENTS_FILE).exists() or (folder / CARDS_FILE).exists()


def read_upstream(folder: Path, *, until: datetime | None = None) -> Upstream:
    """Return cards and judgements; judgements and own cards made after `until` are left out.

    Raises
    ------
    ImportFailed
        When a file about who people are lies in the folder, or a file is missing or wrong.
    """
    refuse_personal(folder)
    cards = _cards(folder)
    texts = _contexts(folder)
    every = list(_judgements(folder, cards=cards, texts=texts))
    kept = [row for row in every if until is None or row.created_at <= until]
    return Upstream(cards, kept, list(_own_cards(folder, cards=cards, until=until)), len(every) - len(kept))


def refuse_personal(folder: Path) -> None:
    """Refuse a folder that holds files about who people are.

    Raises
    ------
    ImportFailed
        It names every such file.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    named = [path for path in paths if path.stem.lower() in PERSONAL_FILES]
    named += [path for path in paths if path.stem.lower() in PEOPLE_FILES and _tells_who(path)]
    if named:
        listed = ", ".join(str(path.relative_to(folder)) for path in named)
        raise ImportFailed(
            f"{folder}: {listed}: these say who people are and are never read. Copy {', '.join(FILES[:2])} (and, if "
            f"you like, {', '.join(FILES[2:])}) into a folder of their own, and import that. Nothing was written."
        )


def _tells_who(path: Path) -> bool:
    """Say whether rows about people have a name, an address or a panel id; other forms of tables are taken for that."""
    if path.suffix.lower() != ".json":
        return True
    return any(_personal_field(value) for _, value in items_of(path))


def _personal_field(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return "a row"
    return next((field for field in value if str(field).lower() in PERSONAL_FIELDS and value[field]), None)


def _rows(folder: Path, name: str) -> Iterator[tuple[Mapping[str, Any], Refuse]]:
    path = folder / name
    for line, value in items_of(path):
        refuse = refusal(path, line)
        if not isinstance(value, Mapping):
            raise refuse("this is not a JSON object")
        personal = _personal_field(value) if name == JUDGEMENTS_FILE else None
        if personal:
            raise refuse(f'the field "{personal}" says who somebody is; take it out of the file')
        yield value, refuse


def _cards(folder: Path) -> dict[str, MgeCard]:
    cards: dict[str, MgeCard] = {}
    for value, refuse in _rows(folder, CARDS_FILE):
        card = validated(MgeCard, _as_published(value), refuse)
        if str(card.id) in cards:
            raise refuse(f"card {card.id} is there twice; remove one of the two")
        cards[str(card.id)] = card
    if not cards:
        raise ImportFailed(f"{folder / CARDS_FILE}: there are no values cards in it. Nothing was written.")
    return cards


def _as_published(value: Mapping[str, Any]) -> dict[str, Any]:
    """Name the fields as the published graph does; the later layout calls two of them otherwise."""
    named = {"instructionsShort": value.get("description"), "evaluationCriteria": value.get("policies")}
    found = {**{name: each for name, each in named.items() if each is not None}, **value}
    return {name: each for name, each in found.items() if each is not None}


def _contexts(folder: Path) -> dict[str, str]:
    """Return the words of contexts by id; where they are called by their words nothing is needed."""
    if not (folder / CONTEXTS_FILE).exists():
        return {}
    rows = [value for value, _ in _rows(folder, CONTEXTS_FILE)]
    return {str(row["id"]): str(row.get("text") or row["id"]) for row in rows if "id" in row}


def _judgements(folder: Path, *, cards: Mapping[str, MgeCard], texts: Mapping[str, str]) -> Iterator[MgeJudgement]:
    for value, refuse in _rows(folder, JUDGEMENTS_FILE):
        context = value.get("contextId", value.get("context"))
        told = {
            "participant": value.get("userId"),
            "from_card": value.get("fromId"),
            "to_card": value.get("toId"),
            "context": texts.get(str(context), context),
            "verdict": value.get("relationship", value.get("type")),
            "created_at": value.get("createdAt"),
            "has_story": value.get("story") not in (None, *NO_STORY),
        }
        row = validated(MgeJudgement, told, refuse, names=FIELDS)
        for field in ("from_card", "to_card"):
            if str(told[field]) not in cards:
                raise refuse(f"{FIELDS[field]}: there is no card {told[field]} in {CARDS_FILE}")
        if str(row.from_card) == str(row.to_card):
            raise refuse(f"card {row.from_card} is compared with itself; remove the row")
        yield row


def _own_cards(folder: Path, *, cards: Mapping[str, MgeCard], until: datetime | None) -> Iterator[OwnCard]:
    """Yield the cards that were found good."""
    if not (folder / OWN_CARDS_FILE).exists():
        return
    for value, refuse in _rows(folder, OWN_CARDS_FILE):
        if value.get("quality", "ok") != "ok":
            continue
        as_published = _as_published(value)
        told = {
            "id": value.get("id"),
            "title": value.get("title"),
            "description": as_published.get("instructionsShort", ""),
            "policies": as_published.get("evaluationCriteria"),
            "canonical": value.get("canonicalCardId"),
            "created_at": value.get("createdAt"),
        }
        card = validated(OwnCard, told, refuse)
        if card.canonical is not None and str(card.canonical) not in cards:
            raise refuse(f"canonicalCardId: there is no card {card.canonical} in {CARDS_FILE}")
        if until is None or card.created_at <= until:
            yield card

"""Read a view of the graph from an address and write it back.

Rule: a wrong or old address never fails; what cannot be read falls back to what is usual.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from django.http import QueryDict

from moralgraph.models import Snapshot

LAYERS, MAP, TABLES = "layers", "map", "tables"
VIEWS = (LAYERS, MAP, TABLES)  # an address without one gets what suits the size of the graph
USUAL_STEPS = 3
MOST_STEPS = 6
MOST_JUDGEMENTS = 1_000_000
LONGEST_SEARCH = 100
LONGEST_ID = 40
LONGEST_GROUP = 200
NAMES = {
    "contexts": "ctx",
    "least_judgements": "min",
    "least_agreement": "agree",
    "group": "group",
    "method": "method",
    "search": "q",
    "focus": "focus",
    "steps": "steps",
    "whole": "whole",
    "view": "view",
    "snapshot": "snapshot",
    "values_by": "values",
    "upgrades_by": "upgrades",
    "values_page": "vp",
    "upgrades_page": "up",
}


@dataclass(frozen=True)
class Filters:
    """One view: which part of which graph, and how it is shown."""

    contexts: tuple[str, ...] = ()
    least_judgements: int = 1
    least_agreement: int = 0
    group: str = ""
    method: str = ""
    search: str = ""
    focus: str = ""
    steps: int = USUAL_STEPS
    whole: bool = False
    view: str = ""
    snapshot: int | None = None
    values_by: str = "rank"
    upgrades_by: str = "-compared"
    values_page: int = 1
    upgrades_page: int = 1

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """Read the view that an address asks for."""
        return cls(
            contexts=tuple(dict.fromkeys(query.getlist("ctx"))),
            least_judgements=_number(query.get("min"), usual=1, low=1, high=MOST_JUDGEMENTS),
            least_agreement=_number(query.get("agree"), usual=0, low=0, high=100),
            group=query.get("group", "").replace("\x00", "")[:LONGEST_GROUP],
            method=query.get("method", "") if query.get("method") in Snapshot.Method.values else "",
            search=" ".join(query.get("q", "").replace("\x00", "").split())[:LONGEST_SEARCH],
            focus=query.get("focus", "")[:LONGEST_ID],
            steps=_number(query.get("steps"), usual=USUAL_STEPS, low=1, high=MOST_STEPS),
            whole=query.get("whole") == "1",
            view=query.get("view", "") if query.get("view") in VIEWS else "",
            snapshot=_number(query.get("snapshot"), usual=0, low=0, high=MOST_JUDGEMENTS) or None,
            values_by=query.get("values", "rank"),
            upgrades_by=query.get("upgrades", "-compared"),
            values_page=_number(query.get("vp"), usual=1, low=1, high=MOST_JUDGEMENTS),
            upgrades_page=_number(query.get("up"), usual=1, low=1, high=MOST_JUDGEMENTS),
        )

    def query(self, **changes: Any) -> str:
        """Return the address of this view with some changes, without what is usual."""
        wanted, usual = asdict(replace(self, **changes)), asdict(Filters())
        pairs: list[tuple[str, Any]] = []
        for field, name in NAMES.items():
            value = wanted[field]
            if value == usual[field] or value is None:
                continue
            several = value if isinstance(value, tuple) else (1 if value is True else value,)
            pairs += [(name, each) for each in several]
        return "?" + urlencode(pairs)

    def kept(self, *left_out: str) -> list[tuple[str, str]]:
        """Return the view as hidden fields of a form, without some of its parts."""
        pairs = QueryDict(self.query(**{name: getattr(Filters(), name) for name in left_out})[1:])
        return [(name, value) for name, values in pairs.lists() for value in values]

    @property
    def narrows(self) -> bool:
        """Whether anything but the focus leaves something out."""
        return bool(self.contexts or self.group) or self.least_judgements > 1 or self.least_agreement > 0


def _number(text: str | None, *, usual: int, low: int, high: int) -> int:
    digits = (text or "").strip()
    if not digits.isdecimal() or len(digits) > len(str(high)):
        return usual
    return min(max(int(digits), low), high)

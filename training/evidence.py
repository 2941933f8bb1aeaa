"""An evaluation's report as tables for the page. A share never stands without its interval."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from training.engine.report import TITLES, nats, percent

SHOWN = {
    "model": gettext_lazy("This model"),
    "untrained": gettext_lazy("Untrained"),
    "lexical baseline": gettext_lazy("Word matching"),
}


@dataclass(frozen=True)
class Table:
    """A heading row and rows of cells."""

    title: str
    head: list[str]
    rows: list[list[str]]
    note: str = ""


def evidence_tables(report: dict[str, Any]) -> dict[str, Any]:
    """Return the tables of one report: results by split, and controls."""
    in_order = [(name, report["splits"][name]) for name in TITLES if name in report["splits"]]
    return {
        "tables": [_results(TITLES[name], split) for name, split in in_order],
        "controls": Table(
            title=_("Controls"),
            head=[_("Split"), _("Control"), _("Expected"), _("Found"), _("Holds")],
            rows=[row for name, split in in_order for row in _controls(TITLES[name], split["controls"])],
        ),
        "not_run": report["controls_not_run"],
        "kind": report["kind"],
        "kind_reason": report["kind_reason"],
    }


def _results(title: str, split: dict[str, Any]) -> Table:
    head = ["", _("Reversal"), _("Wrong way round"), _("Right direction"), _("Mean D")]
    rows = [
        [
            str(words),
            percent(split["results"][name]["reversal"]),
            percent(split["results"][name]["anti_reversal"]),
            percent(split["results"][name]["directional"]),
            nats(split["results"][name]["interaction"]),
        ]
        for name, words in SHOWN.items()
    ]
    note = _("%(pairs)s pairs from %(prompts)s prompts and %(values)s values. Reversal: %(verdict)s.") % {
        "pairs": split["pairs"],
        "prompts": split["prompts"],
        "values": split["values"],
        "verdict": split["verdict"],
    }
    return Table(title=title, head=head, rows=rows, note=note)


def _controls(title: str, controls: dict[str, Any]) -> list[list[str]]:
    shuffled, foreign, empty = controls["shuffled_messages"], controls["foreign_messages"], controls["empty_message"]
    low, high = (f"{100 * bound:+.1f}" for bound in shuffled["null"])
    expected = _("0 (95 %% of shuffles: %(low)s to %(high)s)") % {"low": low, "high": high}
    return [
        [title, _("Messages shuffled in a block: R - R'"), expected, f"{100 * shuffled['net_reversal']:+.1f}",
         _yes(shuffled["holds"])],
        [title, _("Messages of other blocks: right direction"), "50 %", percent(foreign["directional"]),
         _yes(foreign["holds"])],
        [title, _("Messages of other blocks: reversal"), _("at most 25 %"), percent(foreign["reversal"]),
         _yes(foreign["holds"])],
        [title, _("Empty message on one side"), _("the other still moves it"),
         f"{percent(empty['first_moves'])}, {percent(empty['second_moves'])}", "–"],
        [title, _("Second message in other words: reversal"), _("close to the result"),
         percent(controls["paraphrase"]["reversal"]), "–"],
    ]  # fmt: skip


def _yes(holds: bool) -> str:
    return _("Yes") if holds else _("No")

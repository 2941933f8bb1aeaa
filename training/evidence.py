"""An evaluation's report as tables for the page. A share never stands without its interval."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from training.engine.report import TITLES, nats, percent

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SHORT_TITLES = {
    "unseen_prompts": gettext_lazy("Unseen prompts"),
    "unseen_values": gettext_lazy("Unseen values"),
    "unseen_paraphrases": gettext_lazy("Unseen wordings"),
}
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
            head=[_("Control"), _("Expected"), *(str(SHORT_TITLES[name]) for name, _split in in_order)],
            rows=[
                [
                    str(control.words),
                    str(control.expected),
                    *(control.found(split["controls"]) for _name, split in in_order),
                ]
                for control in CONTROLS
            ],
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


def _shuffled(controls: dict[str, Any]) -> str:
    found = controls["shuffled_messages"]
    low, high = (f"{100 * bound:+.1f}" for bound in found["null"])
    return _("%(found)s (95 %% of shuffles: %(low)s to %(high)s)%(holds)s") % {
        "found": f"{100 * found['net_reversal']:+.1f}",
        "low": low,
        "high": high,
        "holds": _holds(found["holds"]),
    }


def _foreign(measure: str) -> Callable[[dict[str, Any]], str]:
    return lambda controls: (
        percent(controls["foreign_messages"][measure]) + _holds(controls["foreign_messages"]["holds"])
    )


def _empty(controls: dict[str, Any]) -> str:
    found = controls["empty_message"]
    return f"{percent(found['first_moves'])}, {percent(found['second_moves'])}"


def _paraphrase(controls: dict[str, Any]) -> str:
    return percent(controls["paraphrase"]["reversal"])


def _holds(holds: bool) -> str:
    return "" if holds else " " + _("does not hold")


@dataclass(frozen=True)
class Control:
    """A control: what it does, what is expected of it, and how its finding is read."""

    words: "StrOrPromise"
    expected: "StrOrPromise"
    found: Callable[[dict[str, Any]], str]


CONTROLS = (
    Control(gettext_lazy("Messages shuffled in a block: R - R'"), "0", _shuffled),
    Control(gettext_lazy("Messages of other blocks: right direction"), "50 %", _foreign("directional")),
    Control(gettext_lazy("Messages of other blocks: reversal"), gettext_lazy("at most 25 %"), _foreign("reversal")),
    Control(gettext_lazy("Empty message on one side"), gettext_lazy("the other still moves it"), _empty),
    Control(gettext_lazy("Second message in other words: reversal"), gettext_lazy("close to the result"), _paraphrase),
)

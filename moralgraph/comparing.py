"""Compare two snapshots of a study in words.

Rule: nothing is written, and a card that is withheld or gone by now is named without its words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from elicit.errors import WellspringError
from moralgraph.algorithms.differences import BY_PAIR, Difference, Kind, Share, differences
from moralgraph.algorithms.ranking import Standing
from moralgraph.exporting import cards_of, context_texts
from moralgraph.models import Snapshot


class NotComparable(WellspringError):
    """Two snapshots do not belong to one study."""


@dataclass(frozen=True)
class Row:
    """One difference, and the sentence that says it."""

    difference: Difference
    words: str

    @property
    def context(self) -> str | None:
        """Key of the context that it is about; None where it is about none."""
        return self.difference.context


def compare_snapshots(before: Snapshot, after: Snapshot) -> list[Row]:
    """Return what differs, the whole first, then by context and upgrade.

    Raises
    ------
    NotComparable
        When the two are of different studies.
    """
    if before.study_id != after.study_id:
        raise NotComparable(f"Snapshots of {before.study} and of {after.study} cannot be compared; name one study.")
    titles = {key: card.title for key, card in cards_of(after).items()}
    words = _Words(titles, context_texts(after))
    return [Row(each, words.of(each)) for each in differences(before.content, after.content)]


class _Words:
    """Sentences about differences, with the names of cards and contexts."""

    def __init__(self, titles: Mapping[str, str], contexts: Mapping[str, str]) -> None:
        self._titles, self._contexts = titles, contexts

    def of(self, difference: Difference) -> str:
        """Return the sentence for one difference."""
        said: Mapping[Kind, Callable[[Difference], str]] = {
            Kind.METHOD: self._method,
            Kind.PARTITION: self._partition,
            Kind.TOTAL: self._total,
            Kind.CARD_GAINED: lambda each: _("“%(card)s” is in the graph now.") % {"card": self._card(each.first)},
            Kind.CARD_LOST: lambda each: _("“%(card)s” is no longer in the graph.") % {"card": self._card(each.first)},
            Kind.STANDING: self._standing,
            Kind.WINNER: self._winner,
            Kind.SET: self._set,
            Kind.EDGE_GAINED: self._gained,
            Kind.EDGE_LOST: self._lost,
            Kind.EDGE_MOVED: lambda each: self._edge(each, _("%(pair)s: %(before)s, now %(after)s")),
        }
        return said[difference.kind](difference)

    def _card(self, key: str | None) -> str:
        return _("none") if key is None else self._titles.get(key, key)

    def _context(self, difference: Difference) -> str:
        key = difference.context or ""
        return self._contexts.get(key, key)

    def _method(self, difference: Difference) -> str:
        said = _("Method: %(before)s, now %(after)s.") % _both(difference)
        if difference.name != BY_PAIR:
            return said
        together = _("Not both keep upgrades by context, so upgrades are compared over all contexts together.")
        return f"{said} {together}"

    def _total(self, difference: Difference) -> str:
        names = {
            "judgements": _("Judgements"),
            "participants": _("People who judged"),
            "repeats": _("Answers to a pair asked again"),
            "dropped": _("Judgements between two cards that are one by now"),
        }
        return _("%(what)s: %(before)s, now %(after)s.") % {
            "what": names.get(difference.name, difference.name), **_both(difference)
        }  # fmt: skip

    def _partition(self, difference: Difference) -> str:
        none = _("none")
        shown = {"before": difference.before or none, "after": difference.after or none}
        return _("The cards were put together differently: version %(before)s, now %(after)s.") % shown

    def _standing(self, difference: Difference) -> str:
        names = {
            Standing.SETTLED: _("one value is the wisest"),
            Standing.SEVERAL: _("several values contend"),
            Standing.NOT_ENOUGH_EVIDENCE: _("not enough evidence"),
        }
        shown = {name: names[Standing(value)] for name, value in _both(difference).items()}
        return _("%(context)s: %(before)s, now %(after)s.") % {"context": self._context(difference), **shown}

    def _winner(self, difference: Difference) -> str:
        shown = {name: self._card(value) for name, value in _both(difference).items()}
        return _("%(context)s: the wisest value was %(before)s and is %(after)s.") % {
            "context": self._context(difference), **shown
        }  # fmt: skip

    def _set(self, difference: Difference) -> str:
        before, after = set(difference.before), set(difference.after)
        gone = ", ".join(self._card(card) for card in difference.before if card not in after) or _("none")
        new = ", ".join(self._card(card) for card in difference.after if card not in before) or _("none")
        said = _("%(context)s: among those that may be the wisest are no longer: %(gone)s; and now also: %(new)s.")
        return said % {"context": self._context(difference), "gone": gone, "new": new}

    def _gained(self, difference: Difference) -> str:
        if difference.context is None:
            return self._edge(difference, _("%(pair)s: kept as an upgrade only now (%(after)s)"))
        return self._edge(difference, _("%(pair)s: found wiser now (%(after)s)"))

    def _lost(self, difference: Difference) -> str:
        if difference.context is None:
            return self._edge(difference, _("%(pair)s: kept as an upgrade only before (%(before)s)"))
        return self._edge(difference, _("%(pair)s: no longer found wiser (it was %(before)s)"))

    def _edge(self, difference: Difference, form: str) -> str:
        pair = _("“%(second)s” wiser than “%(first)s”") % {
            "first": self._card(difference.first), "second": self._card(difference.second)
        }  # fmt: skip
        if difference.context is not None:
            pair = f"{self._context(difference)}: {pair}"
        shown = {name: _people(value) for name, value in _both(difference).items() if value is not None}
        return form % {"pair": pair, **shown}


def _both(difference: Difference) -> dict[str, Any]:
    return {"before": difference.before, "after": difference.after}


def _people(share: Share) -> str:
    form = ngettext("%(wiser)s of %(compared)s person", "%(wiser)s of %(compared)s people", share.compared)
    return form % {"wiser": share.wiser, "compared": share.compared}

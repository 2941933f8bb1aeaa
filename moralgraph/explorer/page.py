"""Everything that one view of the graph page needs, worked out when it is asked for.

Rule: nothing here reads a participant or a single judgement; the snapshot and the cards' words are enough.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.core.paginator import Page
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from moralgraph.algorithms.records import Edge, MoralGraph
from moralgraph.algorithms.snapshot_content import read_content
from moralgraph.explorer import groups, tables
from moralgraph.explorer.details import (
    ContextSummary,
    Details,
    cards_named,
    describe,
    rank_of,
    ranks_of,
    ranks_within,
    summaries,
)
from moralgraph.explorer.filters import LAYERS, MAP, MOST_STEPS, TABLES, Filters
from moralgraph.explorer.marks import Marks, marks_of
from moralgraph.explorer.overview import map_columns
from moralgraph.explorer.picture import Picture, draw
from moralgraph.explorer.place import Names, Place, place_of
from moralgraph.explorer.quotes import Behind, cards_behind
from moralgraph.explorer.reading import titles_of, words_of
from moralgraph.explorer.selection import MOST_CARDS, Selection, filtered, matching, named, select, short_names
from moralgraph.exporting import context_texts
from moralgraph.models import CanonicalValuesCard, Snapshot
from moralgraph.snapshots import graph_of

MOST_MATCHES = 12
MOST_LISTED = 24  # values in the list beside the map; the tables have all


@dataclass(frozen=True)
class ContextChoice:
    """A context that can be ticked, with the number of its upgrades."""

    key: str
    text: str
    upgrades: int
    is_chosen: bool


class Explorer:
    """One view of one snapshot."""

    most_cards = MOST_CARDS

    def __init__(self, snapshot: Snapshot, filters: Filters) -> None:
        self.snapshot = snapshot
        self.filters = filters
        self.content = read_content(snapshot.content)
        self.kept: MoralGraph = graph_of(snapshot)
        self.graph: MoralGraph = self.kept
        self.texts = {key: key for key in self.graph.contexts} | context_texts(snapshot)
        self.ranks: dict[str, dict[str, Any]] = ranks_of(snapshot, contexts=filters.contexts)
        if filters.group:
            self.graph = groups.group_graph(self.graph, self.content, filters.group)
            self.ranks = ranks_within(self.graph, contexts=filters.contexts)

    @cached_property
    def group_names(self) -> groups.GroupNames:
        """What the survey's questions and answers are called."""
        return groups.names_of(self.snapshot.study, language=get_language() or "en")

    @property
    def tells_answers(self) -> bool:
        """Whether each answer may be counted apart: of everybody, never of a group."""
        return not self.filters.group

    @property
    def group_choices(self) -> list[tuple[str, list[groups.GroupChoice]]]:
        """The groups of ten or more people that can be looked at, by question."""
        return groups.choices(self.content, self.group_names) if self.content["groups"] else []

    @property
    def group_label(self) -> str:
        """What the group that is looked at is called; empty for everybody."""
        known = {choice.key: choice.label for _question, found in self.group_choices for choice in found}
        return known.get(self.filters.group, "")

    @cached_property
    def titles(self) -> dict[str, str]:
        """The name of every card; one that is gone shows its id."""
        return {key: key for key in self._names} | titles_of(self.snapshot)

    @cached_property
    def cards(self) -> dict[str, CanonicalValuesCard]:
        """All words of every card, read only where they are needed; one that is gone shows its id."""
        known = words_of(self.snapshot)
        return {
            key: known.get(key) or CanonicalValuesCard(study=self.snapshot.study, title=key, content_id=key)
            for key in self._names
        }

    @cached_property
    def _names(self) -> frozenset[str]:
        return cards_named(self.content) | frozenset(self.kept.cards)

    @cached_property
    def selection(self) -> Selection:
        """The part that is shown."""
        inside = filtered(self.graph, self.filters).cards
        often_first = sorted(self.ranks.values(), key=lambda row: -row.get("first_share", 0.0))
        first = next((row["card"] for row in often_first if row["card"] in inside), "")
        return select(self.graph, self.filters, first="" if named(self.filters.focus, self._names) else first)

    @property
    def focus(self) -> str:
        """The chosen value, also when it was chosen for the reader."""
        return self.selection.focus

    @cached_property
    def described(self) -> str:
        """The value whose card is shown: the focus, else one asked for that this view does not draw."""
        return self.focus or named(self.filters.focus, self._names)

    @cached_property
    def matches(self) -> list[CanonicalValuesCard]:
        """The values that a search found."""
        if not self.filters.search:
            return []
        return matching((self.cards[key] for key in self.selection.graph.cards), search=self.filters.search)

    @property
    def match_links(self) -> list[tuple[str, str]]:
        """The first matches with their links."""
        return [(card.title, self.href(card.content_id)) for card in self.matches[:MOST_MATCHES]]

    @property
    def contexts(self) -> list[ContextChoice]:
        """The contexts that can be ticked."""
        counts = {key: sum(key in edge.contexts for edge in self.graph.edges) for key in self.texts}
        chosen = self.filters.contexts
        choices = [ContextChoice(key, text, counts[key], key in chosen) for key, text in self.texts.items()]
        return sorted((each for each in choices if each.upgrades), key=lambda each: (-each.upgrades, each.text))

    @property
    def hides_others(self) -> bool:
        """Whether only the part around the focus is shown."""
        return len(self.selection.shown.cards) < len(self.selection.graph.cards)

    @cached_property
    def view(self) -> str:
        """Which view is shown: the one asked for, else what suits the size; layers that cannot be read become a map."""
        if self.filters.view in (TABLES, MAP):
            return self.filters.view
        return LAYERS if self.selection.is_readable else MAP

    @property
    def is_too_large(self) -> bool:
        """Whether layers were asked for that nobody could read."""
        return self.filters.view == LAYERS and self.view == MAP

    @cached_property
    def map_columns(self) -> dict[str, Any]:
        """The map of the part that passes the filters."""
        return map_columns(
            self.selection.graph,
            titles=self.titles,
            ranks=self.ranks,
            contexts=self.texts,
            found=frozenset(card.content_id for card in self.matches) | ({self.focus} if self.focus else set()),
        )

    @property
    def listed(self) -> list[tuple[str, str, str]]:
        """What stands beside the map for the keyboard, found or highest ranked: title, link, and name on the map."""
        inside = set(self.selection.graph.cards)
        ranked = [card for _position, card in sorted((row["position"], card) for card, row in self.ranks.items())]
        asked = [card.content_id for card in self.matches] if self.filters.search else ranked
        short = short_names(inside)
        chosen = [card for card in asked if card in inside][:MOST_LISTED]
        return [(self.titles[card], self.href(card), short[card]) for card in chosen]

    @cached_property
    def picture(self) -> Picture:
        """The drawing of the part that is shown."""
        return draw(
            self.selection,
            titles=self.titles,
            ranks={key: row["rank"] for key, row in self.ranks.items()},
            found=frozenset(card.content_id for card in self.matches),
            href=self.href,
            label=self.label,
            words=self.words,
            marks=self.marks,
        )

    @cached_property
    def marks(self) -> Marks:
        """Which upgrades contradict others."""
        return marks_of(self.selection.graph, self.content, contexts=self.filters.contexts)

    @cached_property
    def details(self) -> Details | None:
        """The chosen value."""
        if not self.described:
            return None
        return describe(
            self.selection,
            self.described,
            kept=self.kept,
            cards=self.cards,
            titles=self.titles,
            ranks=self.ranks,
            contexts=self.texts,
            href=self.href,
            marks=self.marks,
        )

    @cached_property
    def place(self) -> Place:
        """Where the chosen value stands, and how that came."""
        names = Names(self.titles, self.texts, self.group_names, self.href)
        return place_of(self.described, self.snapshot, self.content, names)

    @cached_property
    def behind(self) -> Behind:
        """The confirmed cards behind the chosen value; a page shows them to those who may read words."""
        return cards_behind(self.cards[self.described])

    @property
    def summaries(self) -> list[ContextSummary]:
        """The wisest values or the contenders of each context."""
        found = summaries(self.snapshot, titles=self.titles, contexts=self.texts, href=self.href)
        chosen = self.filters.contexts
        return [each for each in found if not chosen or each.key in chosen]

    @cached_property
    def values(self) -> "Page[tables.ValueRow]":
        """The table of values."""
        rows = tables.value_rows(
            self._tabled, titles=self.titles, ranks=self.ranks, contexts=self.texts, href=self.href
        )
        return tables.page_of(rows, tables.VALUE_COLUMNS, by=self.filters.values_by, number=self.filters.values_page)

    @cached_property
    def upgrades(self) -> "Page[tables.UpgradeRow]":
        """The table of upgrades."""
        rows = tables.upgrade_rows(self._tabled, titles=self.titles, contexts=self.texts, href=self.href)
        return tables.page_of(
            rows, tables.UPGRADE_COLUMNS, by=self.filters.upgrades_by, number=self.filters.upgrades_page
        )

    @property
    def value_headings(self) -> list[tables.Heading]:
        """The heads of the table of values."""
        return tables.headings(tables.VALUE_COLUMNS, field="values_by", filters=self.filters)

    @property
    def upgrade_headings(self) -> list[tables.Heading]:
        """The heads of the table of upgrades."""
        return tables.headings(tables.UPGRADE_COLUMNS, field="upgrades_by", filters=self.filters)

    @property
    def step_choices(self) -> list[int]:
        """How many steps around the focus can be asked for."""
        return list(range(1, MOST_STEPS + 1))

    @property
    def links(self) -> dict[str, str]:
        """The addresses of the neighbouring views."""
        usual = Filters()
        return {
            "layers": self.filters.query(view=LAYERS, focus=self.described),
            "map": self.filters.query(view=MAP, focus=self.described),
            "tables": self.filters.query(view=TABLES, focus=self.described),
            "whole": self.filters.query(whole=True, focus=""),
            "whole_with_focus": self.filters.query(whole=True, focus=self.focus),
            "around": self.filters.query(whole=False, focus=self.focus),
            "no_search": self.filters.query(search=""),
            "no_contexts": self.filters.query(contexts=()),
            "no_minimum": self.filters.query(least_judgements=usual.least_judgements),
            "everybody": self.filters.query(group=""),
            "no_agreement": self.filters.query(least_agreement=usual.least_agreement),
            "this": self.filters.query(focus=self.described, snapshot=self.snapshot.number),
        }

    @property
    def value_pages(self) -> dict[str, str]:
        """The addresses of the pages of values before and after this one."""
        return self._around_page(self.values, "values_page")

    @property
    def upgrade_pages(self) -> dict[str, str]:
        """The addresses of the pages of upgrades before and after this one."""
        return self._around_page(self.upgrades, "upgrades_page")

    def _around_page(self, page: "Page[Any]", field: str) -> dict[str, str]:
        found = {}
        if page.has_previous():
            found["before"] = self.filters.query(**{field: page.previous_page_number()})
        if page.has_next():
            found["after"] = self.filters.query(**{field: page.next_page_number()})
        return found

    def href(self, card: str) -> str:
        """Return the address that chooses a value; from the map it leads to the layers around it."""
        view = TABLES if self.view == TABLES else ""
        return self.filters.query(focus=card, search="", view=view, whole=self.filters.whole and self.view == LAYERS)

    def label(self, card: str) -> str:
        """Say what a screen reader reads at a value."""
        rank = rank_of(card, self.ranks)
        title = self.titles[card]
        if rank is None:
            return title
        return _("%(title)s, rank %(rank)s of %(of)s") % {"title": title, "rank": rank.position, "of": rank.of}

    def words(self, edge: Edge, is_down: bool = False) -> str:
        """Say what people judged about an upgrade, and what contradicts it."""
        said = _("%(wiser)s of %(compared)s judged “%(second)s” wiser than “%(first)s”") % {
            "wiser": edge.counts.wiser,
            "compared": edge.compared,
            "first": self.titles[edge.first],
            "second": self.titles[edge.second],
        }
        notes = [_("disputed direction: stronger upgrades contradict it")] if is_down else []
        notes += [_("contested: found wiser the other way round too")] if self.marks.is_contested(edge) else []
        notes += [_("part of a circle")] if self.marks.is_circling(edge) else []
        return "; ".join([said, *notes])

    @cached_property
    def _tabled(self) -> MoralGraph:
        graph = self.selection.graph
        if not self.filters.search:
            return graph
        found = {card.content_id for card in self.matches}
        edges = tuple(edge for edge in graph.edges if edge.first in found or edge.second in found)
        return replace(graph, cards=tuple(card for card in graph.cards if card in found), edges=edges)

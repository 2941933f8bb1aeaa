"""Everything that a report's page shows: its numbers with words, figures and sentences around them.

Rule: numbers come from the report's content alone. Words of cards are looked up when the page is asked for, so that
what an author takes back is gone from it at once; nobody's number or code is here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from elicit.charts import Interval
from elicit.models import Origin, Question, Study
from elicit.results.groups import Grouping, groupings_of
from moralgraph import report_words as words
from moralgraph.algorithms.exchange import from_record
from moralgraph.algorithms.records import MoralGraph
from moralgraph.consented import cards_for
from moralgraph.models import CanonicalValuesCard, Context, Report
from moralgraph.report_tables import report_tables
from moralgraph.reporting import figures
from moralgraph.reporting.content import legitimacy
from moralgraph.reporting.figures import Figure

PURPOSE = "publish"
LONGEST_LIST = 10  # of pairs, chains and minority values a context: the long table has all
PERCENT = 100
HELD_BACK = gettext_lazy("fewer than ten, or held back")
RESPONSE_WORDS = (gettext_lazy("Answered, of those asked"),)

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Value:
    """A value as the public may see it: its card, or only that there is one."""

    title: str
    card: CanonicalValuesCard | None

    @property
    def is_by_team(self) -> bool:
        """Say whether the study team wrote the words, and nobody who took part."""
        return self.card is not None and self.card.origin == Origin.SEED


@dataclass(frozen=True)
class ContextPart:
    """What the report says of one context."""

    key: str
    text: str
    found: Record
    asked: str
    ordered: str
    verdict: str
    how_sure: str
    wisest: tuple[Value, ...]
    places: Figure
    upgrades: Figure
    contested: tuple[str, ...]
    cycles: tuple[str, ...]
    preferred: tuple[str, ...]
    overlooked: tuple[str, ...]

    @property
    def says_who_came_first(self) -> bool:
        """Say whether the places and the shares of resamples are of one model, and may stand side by side."""
        return figures.says_who_came_first(self.found)

    @property
    def is_latent(self) -> bool:
        """Say whether the places are of the latent order, a model of its own beside the graph."""
        return bool(self.found["places_by"] == figures.LATENT_ORDER)

    @property
    def people_differ(self) -> bool:
        """Say whether there is anything on which people differ here."""
        return bool(self.contested or self.cycles or self.preferred)


@dataclass(frozen=True)
class GroupPart:
    """Where the groups of one question of the survey agree, and where they do not."""

    text: str
    agreed: tuple[str, ...]
    divided: tuple[str, ...]


@dataclass(frozen=True)
class Attribute:
    """How the people who took part answered one question about themselves."""

    text: str
    answered: int | None
    rows: tuple[tuple[str, int | None, float], ...]


class ReportPage:
    """One report, in one language."""

    def __init__(self, report: Report, *, language: str) -> None:
        self.report, self.study, self.language = report, report.study, language
        self.content: dict[str, Any] = report.content

    @cached_property
    def cards(self) -> dict[str, CanonicalValuesCard]:
        """The cards whose words may be public, by their id in the graph."""
        origins = self.report.snapshot.parameters["origins"]
        found = cards_for(self.study, purpose=PURPOSE, origins=origins)
        return {card.content_id: card for card in found}

    @cached_property
    def titles(self) -> dict[str, str]:
        """What every card of the graph is called."""
        return {card: self.named(card) for card in self.content["cards"]}

    def named(self, card: str) -> str:
        """Return a card's title, or that its author did not agree to publication."""
        found = self.cards.get(card)
        return found.title if found else str(words.UNNAMED)

    def is_by_team(self, card: str) -> bool:
        """Say whether the study team wrote a card's words, and nobody who took part."""
        return Value(self.named(card), self.cards.get(card)).is_by_team

    @property
    def written_by(self) -> list[tuple[str, int]]:
        """How many of the values that were compared are in whose words, none left out but those of nobody."""
        counts = self.content["tables"].get("written_by") or {}
        return [(str(label), counts[who]) for who, label in words.WRITTEN_BY.items() if counts.get(who)]

    @property
    def has_cards_of_the_team(self) -> bool:
        """Say whether people also compared values that the study team wrote."""
        return bool((self.content["tables"].get("written_by") or {}).get("team"))

    @cached_property
    def context_texts(self) -> dict[str, str]:
        """The words of the study's contexts, in the reader's language where they are."""
        found = Context.objects.of_study(self.study)
        return {one.key: one.text.get(self.language) or str(one) for one in found}

    @cached_property
    def questions(self) -> list[str]:
        """The situations that people talked about."""
        found = Question.objects.of_study(self.study)
        return [one.text.get(self.language) or next(iter(one.text.values())) for one in found]

    @cached_property
    def contexts(self) -> list[ContextPart]:
        """What is said of each context, in the study's order."""
        return [self._context(found) for found in self.content["contexts"]]

    def _context(self, found: Record) -> ContextPart:
        text = self.context_texts.get(found["key"]) or str(found["key"])
        return ContextPart(
            key=found["key"],
            text=text,
            found=found,
            asked=words.asked_in(found),
            ordered=words.ordered_by(found),
            verdict=words.verdict(found),
            how_sure=words.how_sure(found),
            wisest=tuple(Value(self.named(card), self.cards.get(card)) for card in found["wisest"]),
            places=figures.places_figure(found, titles=self.titles, title=text),
            upgrades=figures.upgrades_figure(found, titles=self.titles, title=text),
            contested=tuple(
                words.contested_sentence(row, named=self.named) for row in found["contested"][:LONGEST_LIST]
            ),
            cycles=tuple(words.cycle_sentence(row, named=self.named) for row in found["cycles"][:LONGEST_LIST]),
            preferred=self._minority(row for row in found["minority"] if row.get("group")),
            overlooked=self._minority(row for row in found["minority"] if not row.get("group")),
        )

    def _minority(self, rows: Iterable[Record]) -> tuple[str, ...]:
        shown = islice(rows, LONGEST_LIST)
        return tuple(words.minority_sentence(row, named=self.named, group_name=self.group_name) for row in shown)

    @cached_property
    def groupings(self) -> dict[str, Grouping]:
        """The questions by which people are grouped, by name."""
        return {one.item: one for one in groupings_of(self.study, language=self.language)}

    def group_name(self, group: str) -> str:
        """Return what a group is called, whatever question it is an answer to."""
        labels = (one.labels for one in self.groupings.values() if group in one.labels)
        return next((known[group] for known in labels), group)

    @cached_property
    def groups(self) -> list[GroupPart]:
        """Where groups agree and where they do not, for the groupings of which anything may be said."""
        made = [self._grouping(one) for one in self.content["groups"]]
        return [part for part in made if part.agreed or part.divided]

    def _grouping(self, found: Record) -> GroupPart:
        known = self.groupings.get(found["grouping"])
        label = known.label if known else str

        def sentence(edge: Record) -> str:
            return words.group_sentence(edge, named=self.named, group_name=label)

        edges = found["edges"]
        return GroupPart(
            text=known.text if known else found["grouping"],
            agreed=tuple(sentence(edge) for edge in edges if edge.get("is_agreed"))[:LONGEST_LIST],
            divided=tuple(sentence(edge) for edge in edges if words.is_divided(edge))[:LONGEST_LIST],
        )

    @property
    def people(self) -> Iterator[tuple[str, int]]:
        """How many came, finished and were left out, in words."""
        counts = self.content["tables"].get("people") or {}
        return ((str(label), counts[name]) for name, label in words.PEOPLE.items() if name in counts)

    @property
    def without_words(self) -> int:
        """How many judgements are not counted because the words of a value in them may not be published."""
        counts = self.content["tables"].get("judgements") or {}
        return int(counts.get("without_words", 0))

    @cached_property
    def attributes(self) -> list[Attribute]:
        """What is said of who took part: questions of the survey with at least one number that may be shown."""
        made = [self._attribute(one) for one in self.content["tables"].get("attributes") or []]
        return [one for one in made if any(count is not None for _label, count, _percent in one.rows)]

    def _attribute(self, found: Record) -> Attribute:
        known = self.groupings.get(found["item"])
        total = found["answered"]
        return Attribute(
            text=known.text if known else found["item"],
            answered=total,
            rows=tuple(
                (
                    known.label(cell["value"]) if known else cell["value"],
                    cell["count"],
                    PERCENT * cell["count"] / total if cell["count"] and total else 0.0,
                )
                for cell in found["cells"]
            ),
        )

    @cached_property
    def felt(self) -> Figure:
        """How the process was felt: shares with intervals, and who answered of who was asked."""
        return felt_figure(self.content["legitimacy"])

    @property
    def has_felt(self) -> bool:
        """Say whether anything may be shown of how the process was felt."""
        return any(row["share"] is not None for row in self.content["legitimacy"])

    @property
    def response_words(self) -> Sequence[Any]:
        """The head of the column that says who answered."""
        return RESPONSE_WORDS

    @property
    def has_differences(self) -> bool:
        """Say whether people differ on anything that may be shown."""
        return any(part.people_differ for part in self.contexts) or bool(self.groups)

    @property
    def method_name(self) -> str:
        """What the graph's method is called, and the model of the places where it is another."""
        used = [self.content["snapshot"]["method"], *(found["places_by"] for found in self.content["contexts"])]
        return words.joined([str(words.METHODS.get(name, name)) for name in dict.fromkeys(used)])

    @property
    def pull(self) -> list[str]:
        """How far stories, sides and asking again move answers."""
        return [*words.pull_sentences(self.content["story_pull"]), *words.bias_sentences(self.content)]

    @property
    def sensitivity(self) -> list[dict[str, Any]]:
        """What changes with each choice of the graph's method, and of the model that its places are of."""
        used = {self.content["snapshot"]["method"], *(found["places_by"] for found in self.content["contexts"])}
        return [
            {**row, "name": words.setting_name(row), "moved": len(row.get("changed") or [])}
            for row in self.content["sensitivity"]
            if row.get("method", "") in {"", *used}
        ]

    @cached_property
    def graph(self) -> MoralGraph:
        """The graph that the report was drafted from."""
        return from_record(self.report.snapshot.content["graph"])

    @cached_property
    def figures(self) -> list[Figure]:
        """Every figure that can be downloaded."""
        felt = {key: str(text) for key, text in words.FELT.items()}
        return figures.figures(self.content, titles=self.titles, contexts=self.context_texts, questions=felt)


def felt_now(study: Study, *, origin: str) -> Figure:
    """Return how the process was felt until now, for the team: of people who let their answers be looked at."""
    return felt_figure(legitimacy(report_tables(study, origins=[origin], purpose="explore", page="felt")))


def felt_figure(rows: Sequence[Record]) -> Figure:
    """Return the legitimacy table with a column that says who answered of who was asked."""
    drawn = figures.legitimacy_figure(rows, {key: str(text) for key, text in words.FELT.items()})
    with_response = tuple(map(_with_response, drawn.rows, rows))
    return Figure(drawn.name, drawn.title, with_response, low=drawn.low, high=drawn.high)


def _with_response(drawn: Interval, row: Record) -> Interval:
    asked, answered = row["asked"], row["answered"]
    if asked is None or answered is None:
        more = str(HELD_BACK)
    else:
        more = _("%(answered)s of %(asked)s") % {"answered": answered, "asked": asked}
    note = drawn.note if drawn.mid is not None else str(HELD_BACK)
    return Interval(drawn.label, drawn.mid, drawn.low, drawn.high, shown=drawn.shown, note=note, more=(more,))

"""What an organizer reads about contexts, upgrades and suggestions: rows with their counts.

Rule: it only reads, and as often for a thousand rows as for ten.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from elicit.models import Study
from elicit.releases import SENTENCES
from moralgraph.models import Context, Judgement, Suggestion, Upgrade
from moralgraph.suggestions import waiting_suggestions

ANSWERED = Q(judgements__answered_at__isnull=False)
IN_ORDER = (Context.State.PROPOSED, Context.State.ACTIVE, Context.State.RETIRED)


@dataclass(frozen=True)
class ContextRow:
    """A context with what stands in it."""

    context: Context
    pairs: int
    judged: int
    words: tuple[tuple[str, str], ...]

    @property
    def may_be_reworded(self) -> bool:
        """Say whether nobody was asked in it."""
        return not self.judged


@dataclass(frozen=True)
class SuggestionRow:
    """A suggestion as an organizer reads it, with sentences about what was found in it."""

    suggestion: Suggestion
    title: str
    policies: list[str]
    sentences: list[str]


def context_rows(study: Study) -> list[ContextRow]:
    """Return all contexts, proposed ones first, with how many pairs are drawn in each and how often it was judged."""
    pairs = _counted(Upgrade.objects.of_study(study).filter(is_retired=False))
    judged = _counted(Judgement.objects.of_study(study))
    contexts = Context.objects.of_study(study).select_related("merged_into").prefetch_related("questions")
    languages = study.current_version.design.languages
    rows = [
        ContextRow(
            each, pairs.get(each.pk, 0), judged.get(each.pk, 0),
            tuple((language, each.text.get(language, "")) for language in languages),
        )
        for each in contexts
    ]  # fmt: skip
    return sorted(rows, key=lambda row: IN_ORDER.index(Context.State(row.context.state)))


def upgrades_in(context: Context) -> QuerySet[Upgrade]:
    """Return the upgrades of a context with how often each was shown and judged, those that are drawn first."""
    found = Upgrade.objects.filter(context=context).select_related("first", "second")
    found = found.annotate(shown=Count("judgements", distinct=True))
    found = found.annotate(judged=Count("judgements", filter=ANSWERED, distinct=True))
    return found.order_by("is_retired", "created_at", "pk")


def chosen_context(study: Study, key: str) -> Context | None:
    """Return the context that the page was asked for, or the first one in use."""
    contexts = Context.objects.of_study(study)
    return contexts.filter(key=key).first() or contexts.active().first() or contexts.first()


def suggestion_rows(study: Study) -> list[SuggestionRow]:
    """Return the suggestions that wait for a decision."""
    return [_suggestion_row(suggestion) for suggestion in waiting_suggestions(study)]


def _suggestion_row(suggestion: Suggestion) -> SuggestionRow:
    value = suggestion.own_card or suggestion
    sentences = [str(SENTENCES.get(code, code)) for code in suggestion.flags]
    return SuggestionRow(suggestion, value.title, list(value.policies), sentences)


def _counted(rows: Any) -> dict[int, int]:
    return dict(rows.order_by().values_list("context").annotate(Count("pk")))

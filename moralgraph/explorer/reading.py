"""Read what a view of the graph needs from the database, and no more of it.

Rule: no participant and no single judgement is read, a card that is withheld from others comes without its words, and
the number of questions to the database does not grow with the graph.
"""

from django.utils.translation import gettext as _

from elicit.models import Study
from moralgraph.explorer.filters import Filters
from moralgraph.exporting import cards_of
from moralgraph.models import CanonicalValuesCard, Snapshot
from moralgraph.withholding import withheld_cards


def snapshot_for(study: Study, filters: Filters) -> Snapshot | None:
    """Return the snapshot that a view asks for, else the newest: for exploring first, and repaired first."""
    standing = Snapshot.objects.of_study(study).standing()
    found = list((standing.filter(method=filters.method) if filters.method else standing).defer("content"))
    named = [snapshot for snapshot in found if snapshot.number == filters.snapshot]
    return max(
        named or found,
        key=lambda each: (each.parameters.get("purpose") == "explore", each.method == "repaired", each.number),
        default=None,
    )


def titles_of(snapshot: Snapshot) -> dict[str, str]:
    """Return the names of the study's cards by their id in the graph."""
    withheld = set(withheld_cards(snapshot.study).values_list("pk", flat=True))
    rows = CanonicalValuesCard.objects.of_study(snapshot.study).order_by().values_list("pk", "content_id", "title")
    return {name: _("Not shown to others") if key in withheld else title for key, name, title in rows}


def words_of(snapshot: Snapshot) -> dict[str, CanonicalValuesCard]:
    """Return the study's cards with all their words."""
    return cards_of(snapshot)

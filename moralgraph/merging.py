"""Say which canonical card stands for another that was merged into it.

Rule: what was judged of a merged card counts for the card that stands for it, and the judgement itself is never
rewritten. Whoever reads judgements as columns renames them by this mapping.
"""

from collections.abc import Mapping

from elicit.models import Study
from moralgraph.models import CanonicalValuesCard


def card_mapping(study: Study) -> dict[str, str]:
    """Return, for every canonical card of the study, the content id of the one that stands for it: often itself."""
    rows = list(CanonicalValuesCard.objects.of_study(study).order_by().values_list("pk", "content_id", "merged_into"))
    names = {key: name for key, name, _ in rows}
    merged = {key: into for key, _, into in rows if into is not None}
    return {name: names[standing_key(key, merged)] for key, name in names.items()}


def standing_card(card: CanonicalValuesCard) -> CanonicalValuesCard:
    """Return the card that stands for this one, however often it was merged."""
    seen = set()
    while card.merged_into is not None and card.pk not in seen:
        seen.add(card.pk)
        card = card.merged_into
    return card


def standing_key(key: int, merged: Mapping[int, int]) -> int:
    """Follow a card's merges to their end. Cards that were merged in a circle stand for themselves.

    >>> standing_key(1, {1: 2, 2: 3}), standing_key(3, {1: 2}), standing_key(1, {1: 2, 2: 1})
    (3, 3, 1)
    """
    seen = {key}
    last = key
    while (into := merged.get(last)) is not None:
        if into in seen:
            return key
        seen.add(into)
        last = into
    return last

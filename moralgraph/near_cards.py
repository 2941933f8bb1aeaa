"""Find the canonical cards that are near a new one, without reading all of them again.

Rule: what may be found is read from the database each time (ids and hashes of words); only the counted features of
words are kept in this process, under their hash. So every worker answers alike, new words are counted once, and words
that are gone leave the process with the next search in their study.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping

from django.db.models import QuerySet

from elicit.models import Origin, Study
from moralgraph.algorithms.lookup import LexicalLookup
from moralgraph.models import CanonicalValuesCard
from moralgraph.withholding import withheld_cards

KEPT_APART = (Origin.SIMULATED, Origin.PREVIEW)
MOST_LOOKUPS = 8  # collections that one process keeps; 10,000 cards take about 70 MB

_lookups: OrderedDict[tuple[int, str, str], LexicalLookup] = OrderedDict()
_lock = threading.Lock()


def comparable_cards(study: Study, *, language: str, origin: str) -> QuerySet[CanonicalValuesCard]:
    """Return the standing cards that others may see, of this language, and of this origin or the study file's."""
    found = CanonicalValuesCard.objects.of_study(study).filter(merged_into=None, language=language)
    found = found.filter(origin__in={origin, Origin.SEED}).exclude(policies=[])
    return found.exclude(pk__in=withheld_cards(study).values("pk"))


def candidates_for(study: Study, *, language: str, origin: str) -> QuerySet[CanonicalValuesCard]:
    """Return the cards that one of this language and origin may join.

    A program's or a preview's card joins none that stands for others' cards already.
    """
    found = comparable_cards(study, language=language, origin=origin)
    if origin not in KEPT_APART:
        return found
    others = [each for each in Origin.values if each not in {origin, Origin.SEED}]
    taken = CanonicalValuesCard.objects.of_study(study).filter(memberships__card__origin__in=others)
    return found.exclude(pk__in=taken.values("pk"))


def nearest_to_join(text: str, *, study: Study, language: str, origin: str) -> tuple[int, float] | None:
    """Return the key of the nearest card that one in these words may join, and how near it is."""
    if origin not in KEPT_APART:
        found = nearest(text, study=study, language=language, origin=origin, count=1)
    else:
        found = nearest(text, study=study, language=language, origin=origin)
        joinable = set(candidates_for(study, language=language, origin=origin).values_list("pk", flat=True))
        found = [each for each in found if each[0] in joinable]
    return found[0] if found else None


def nearest(
    text: str, *, study: Study, language: str, origin: str, leave_out: int | None = None, count: int | None = None
) -> list[tuple[int, float]]:
    """Return the keys of the nearest comparable cards, all without a `count`, and how near each is, nearest first."""
    rows = comparable_cards(study, language=language, origin=origin)
    names = {f"{key}:{name}": key for key, name in rows.order_by().values_list("pk", "content_id")}
    wanted = len(names) if count is None else count + 1  # one may be left out
    with _lock:
        lookup = _lookup_for((study.pk, language, origin))
        lookup.keep(names, lambda missing: _texts({name: names[name] for name in missing}))
        found = [(names[near.id], near.similarity) for near in lookup.nearest(text, count=wanted)]
    return [each for each in found if each[0] != leave_out][:count]


def _lookup_for(key: tuple[int, str, str]) -> LexicalLookup:
    lookup = _lookups.setdefault(key, LexicalLookup())
    _lookups.move_to_end(key)
    while len(_lookups) > MOST_LOOKUPS:
        _lookups.popitem(last=False)
    return lookup


def _texts(names: Mapping[str, int]) -> dict[str, str]:
    policies = dict(CanonicalValuesCard.objects.filter(pk__in=names.values()).values_list("pk", "policies"))
    return {name: "\n".join(policies[key]) for name, key in names.items() if key in policies}

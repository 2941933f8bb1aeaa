"""Load what a study file brings along for its graph: contexts, seed cards and upgrades.

Rule: it is written in the same transaction as the study, so that the first participant has something to judge. What a
changed file no longer names goes, unless somebody was asked about it or stands behind it.
"""

from collections.abc import Iterable

from elicit.models import Origin, Study
from elicit.study_files import StudyDesign
from moralgraph.contexts import load_contexts
from moralgraph.deduplication import load_seed_cards
from moralgraph.models import CanonicalValuesCard, Upgrade
from moralgraph.upgrades import load_upgrades


def load_seeds(study: Study, design: StudyDesign) -> None:
    """Write the design's contexts, cards and upgrades."""
    contexts = load_contexts(study, design)
    cards = load_seed_cards(study, design)
    upgrades = load_upgrades(study, design, contexts=contexts, cards=cards)
    _drop_others(study, cards=cards.values(), upgrades=upgrades)


def _drop_others(study: Study, *, cards: Iterable[CanonicalValuesCard], upgrades: Iterable[Upgrade]) -> None:
    seeds = Upgrade.objects.of_study(study).filter(origin=Origin.SEED)
    seeds.filter(judgements=None).exclude(pk__in=[each.pk for each in upgrades]).delete()
    unused = CanonicalValuesCard.objects.of_study(study).filter(
        origin=Origin.SEED, memberships=None, judged_as_first=None, judged_as_second=None
    )
    unused.exclude(pk__in=[each.pk for each in cards]).delete()

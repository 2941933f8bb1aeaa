"""Load what a study file brings along for its graph: contexts, seed cards and upgrades.

Rule: it is written in the same transaction as the study, so that the first participant has something to judge.
"""

from elicit.models import Study
from elicit.study_files import StudyDesign
from moralgraph.contexts import load_contexts
from moralgraph.deduplication import load_seed_cards
from moralgraph.upgrades import load_upgrades


def load_seeds(study: Study, design: StudyDesign) -> None:
    """Write the design's contexts, cards and upgrades."""
    contexts = load_contexts(study, design)
    cards = load_seed_cards(study, design)
    load_upgrades(study, design, contexts=contexts, cards=cards)

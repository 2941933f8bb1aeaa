"""What the answers add up to: canonical cards, contexts, upgrades, judgements, snapshots, targets, reports."""

from moralgraph.models.cards import CanonicalValuesCard, CardMembership, CardVerification
from moralgraph.models.contexts import Context
from moralgraph.models.judgements import Judgement, JudgementRevision, Suggestion, Upgrade
from moralgraph.models.partitions import Assignment, CardEmbedding, Partition, SamenessConstraint, SamenessVerdict
from moralgraph.models.reports import Appeal, PlaceVerification, Report
from moralgraph.models.snapshots import AlignmentTarget, Snapshot

__all__ = [
    "AlignmentTarget", "Appeal", "Assignment", "CanonicalValuesCard", "CardEmbedding", "CardMembership",
    "CardVerification", "Context", "Judgement", "JudgementRevision", "Partition", "PlaceVerification", "Report",
    "SamenessConstraint", "SamenessVerdict", "Snapshot", "Suggestion", "Upgrade",
]  # fmt: skip

"""How a person's next conversation opens: about what, with whose prompt, and with whose instructions.

Rule: everything here follows from the study's design, the person's seed and what is stored, so that looking twice shows
the same. A person is given no shared prompt twice, and their quotas always leave room for those that are to come.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q

from elicit.errors import StepNotOpen
from elicit.models import Conversation, Exchange, Participant, SurveyAnswer
from elicit.rating import ATTRIBUTES
from elicit.study_checks import INSTRUCTIONS_ITEM
from elicit.study_files import AnchorPrompt, ConversationDesign, ConversationType

HELD_FOR = timedelta(hours=24)  # how long an anchor counts as taken by somebody who has not rated it yet

Arm = Conversation.Arm


@dataclass(frozen=True)
class ArmDraw:
    """The arm of a conversation and the probability with which it was drawn."""

    arm: str
    propensity: float


def design_of(participant: Participant) -> ConversationDesign:
    """Return what the person's study says about conversations.

    Raises
    ------
    StepNotOpen
        When the study has none.
    """
    design = participant.version.design.conversation
    if design is None:
        raise StepNotOpen("This study has no rated conversations.")
    return design


def types_left(participant: Participant) -> list[ConversationType]:
    """Return what the person's next own conversation may be about: types whose quota is not used up.

    A type whose last places the shared prompts still need is left out.
    """
    design = design_of(participant)
    left = _left_by_type(participant, design)
    offered = [kind for kind in design.types if left[kind.key] > 0]
    return [kind for kind in offered if _leaves_room(participant, design, left, kind=kind.key)] or offered


def anchor_numbers(participant: Participant) -> frozenset[int]:
    """Return which of the person's conversations open with a shared prompt: drawn by their seed."""
    design = design_of(participant)
    if design.anchors is None:
        return frozenset()
    numbers = range(1, design.count + 1)
    drawn = random.Random(f"{participant.seed}:anchored").sample(numbers, min(design.anchors.count, design.count))
    return frozenset(drawn)


def anchor_for(participant: Participant, *, now: datetime) -> AnchorPrompt | None:
    """Return the shared prompt for the person's next conversation; None where they write their own.

    It is the one that the fewest people have rated or are about to rate, among those that this person has not had and
    whose type they have left; the person's seed decides between equals. So all of them reach the study's number of
    raters as early as possible, and go on evenly from there.
    """
    design = design_of(participant)
    number = participant.conversations.count() + 1
    if design.anchors is None or number not in anchor_numbers(participant):
        return None
    offered = _unused(participant, design)
    if not offered:
        return None
    raters = raters_of_anchors(participant, [anchor.key for anchor in offered], now=now)
    random.Random(f"{participant.seed}:anchor:{number}").shuffle(offered)
    return min(offered, key=lambda anchor: raters[anchor.key])


def raters_of_anchors(participant: Participant, keys: Sequence[str], *, now: datetime) -> dict[str, int]:
    """Return by anchor how many others of this study and origin have rated it, or were given it within a day."""
    first_rated = Exchange.objects.filter(conversation=OuterRef("pk"), number=1, state=Exchange.State.RATED)
    counted = (
        Conversation.objects.filter(
            participant__study=participant.study_id,
            participant__origin=participant.origin,
            participant__excluded_at=None,
            anchor__in=keys,
        )
        .filter(Q(Exists(first_rated)) | Q(state=Conversation.State.OPEN, started_at__gt=now - HELD_FOR))
        .values("anchor")
        .annotate(people=Count("participant", distinct=True))
    )
    return dict.fromkeys(keys, 0) | {row["anchor"]: row["people"] for row in counted.order_by()}


def anchor_named(design: ConversationDesign, key: str) -> AnchorPrompt | None:
    """Return the shared prompt of this key."""
    prompts = design.anchors.prompts if design.anchors else []
    return next((anchor for anchor in prompts if anchor.key == key), None)


def arm_for(participant: Participant, number: int) -> ArmDraw:
    """Return the arm of the person's conversation of this number, drawn by their seed.

    Whoever left their instructions open can only be in the standard arm, with probability 1.
    """
    share = design_of(participant).own_instructions
    if not share or not own_instructions(participant):
        return ArmDraw(Arm.STANDARD, 1.0)
    if random.Random(f"{participant.seed}:arm:{number}").random() < share:
        return ArmDraw(Arm.OWN_SYSTEM, share)
    return ArmDraw(Arm.STANDARD, 1.0 - share)


def own_instructions(participant: Participant) -> str:
    """Return what the person wrote in the survey about how a model should be; empty where they left it open."""
    answers = SurveyAnswer.objects.filter(participant=participant, item=INSTRUCTIONS_ITEM, null_reason="")
    value = answers.order_by("-pk").values_list("value", flat=True).first()
    return value.strip() if isinstance(value, str) else ""


def attribute_order(conversation: Conversation) -> list[str]:
    """Return the closing attributes in the order in which they stand for this conversation, drawn by the seed."""
    order = list(ATTRIBUTES)
    random.Random(f"{conversation.participant.seed}:attributes:{conversation.number}").shuffle(order)
    return order


def _left_by_type(participant: Participant, design: ConversationDesign) -> dict[str, int]:
    counted = participant.conversations.values("kind").annotate(had=Count("pk")).order_by()
    had = {row["kind"]: row["had"] for row in counted}
    quotas = {kind.key: design.count if kind.count is None else kind.count for kind in design.types}
    return {key: quota - had.get(key, 0) for key, quota in quotas.items()}


def _unused(participant: Participant, design: ConversationDesign) -> list[AnchorPrompt]:
    """Return the shared prompts that the person has not had and whose type they have left."""
    left = _left_by_type(participant, design)
    had = set(participant.conversations.exclude(anchor="").values_list("anchor", flat=True))
    prompts = design.anchors.prompts if design.anchors else []
    return [anchor for anchor in prompts if anchor.key not in had and left.get(anchor.type, 0) > 0]


def _leaves_room(participant: Participant, design: ConversationDesign, left: dict[str, int], *, kind: str) -> bool:
    """Say whether the shared prompts to come still find a place once the next conversation is of this type."""
    number = participant.conversations.count() + 1
    to_come = sum(anchored > number for anchored in anchor_numbers(participant))
    unused: list[str] = [anchor.type for anchor in _unused(participant, design)]
    after = left | {kind: left[kind] - 1}
    return sum(min(after[key], unused.count(key)) for key in after) >= to_come

"""Stories beside a pair: which arm a person is given, and what stands on their page.

Rule: the arm is drawn uniformly among the study's arms for which there is a text, and stored with its probability, so
that a story's pull can be estimated. Arms are named by the cards as this person sees them. Who wrote a story is said.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from elicit.study_files import StoryArm
from moralgraph.merging import standing_card
from moralgraph.models import Judgement, Upgrade

Arm = Judgement.StoryArm

ARMS: dict[StoryArm, Arm] = {
    "none": Arm.NONE,
    "one_sided": Arm.FORWARD,
    "reversed": Arm.REVERSE,
    "both_sided": Arm.BOTH,
}


@dataclass(frozen=True)
class Story:
    """An illustration, and whether a model wrote it."""

    text: str
    is_by_model: bool


def draw_arm(
    upgrade: Upgrade, *, is_turned: bool, wanted: Collection[StoryArm], rng: np.random.Generator
) -> tuple[Arm, float]:
    """Draw an arm for a person and return it with its probability; `is_turned` where the upgrade's second comes first.

    A pair without a text for any of the study's arms is shown without a story.
    """
    there = _arms_with_text(upgrade, is_turned=is_turned)
    open_arms = [arm for name, arm in ARMS.items() if name in wanted and arm in there] or [Arm.NONE]
    return open_arms[int(rng.integers(len(open_arms)))], 1 / len(open_arms)


def stories(judgement: Judgement) -> list[Story]:
    """Return the stories that a draw shows; of two, the one that begins at the card A comes first."""
    if judgement.upgrade is None:
        return []
    forward, reverse = _as_shown(judgement.upgrade, is_turned=_is_turned(judgement))
    told = {Arm.FORWARD: [forward], Arm.REVERSE: [reverse], Arm.BOTH: [forward, reverse]}
    found = told.get(Arm(judgement.story_arm), [])
    in_order = found[::-1] if judgement.first_side == Judgement.Side.END else found
    return [Story(text, is_by_model=bool(judgement.upgrade.model_name)) for text in in_order]


def has_its_stories(judgement: Judgement) -> bool:
    """Say whether the texts of the drawn arm are still there."""
    if judgement.upgrade is None:
        return judgement.story_arm == Arm.NONE
    return Arm(judgement.story_arm) in _arms_with_text(judgement.upgrade, is_turned=_is_turned(judgement))


def _is_turned(judgement: Judgement) -> bool:
    """Say whether the card shown first is the upgrade's second, or stands for it since a merge."""
    upgrade = judgement.upgrade
    if upgrade is None or judgement.first_id == upgrade.first_id:
        return False
    if judgement.first_id == upgrade.second_id:
        return True
    return standing_card(upgrade.second).pk == judgement.first_id


def _as_shown(upgrade: Upgrade, *, is_turned: bool) -> tuple[str, str]:
    """Return the story from the card shown first to the other, and the one back."""
    told = (upgrade.story_forward, upgrade.story_reverse)
    return told[::-1] if is_turned else told


def _arms_with_text(upgrade: Upgrade, *, is_turned: bool) -> set[Arm]:
    forward, reverse = _as_shown(upgrade, is_turned=is_turned)
    there = {
        Arm.NONE: True,
        Arm.FORWARD: bool(forward),
        Arm.REVERSE: bool(reverse),
        Arm.BOTH: bool(forward and reverse),
    }
    return {arm for arm, is_there in there.items() if is_there}

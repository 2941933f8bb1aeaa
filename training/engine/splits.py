"""Who is kept from training.

Rule: test prompts, held-out values and held-out wordings never appear in a training row. The plan keeps them apart, and
`check_leakage` reads the finished blocks and raises if one slipped through.
"""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass

from training.engine.errors import Leakage, SplitProblem
from training.engine.messages import HELD_OUT, plain
from training.engine.recipe import DataSettings
from training.engine.rows import SPLITS, Block, written
from training.engine.target import AlignmentTarget, TargetCard, TargetPrompt


@dataclass(frozen=True)
class SplitPlan:
    """What the blocks of one split are drawn from."""

    name: str
    prompts: tuple[TargetPrompt, ...]
    cards: tuple[TargetCard, ...]
    held_out_wordings: bool


def plan_splits(target: AlignmentTarget, *, settings: DataSettings, seed: int) -> dict[str, SplitPlan]:
    """Share prompts and cards out between training, validation and the three tests.

    All tests ask prompts that training never saw. `unseen_values` also asks about cards, and `unseen_paraphrases` in
    wordings, that training never saw.

    Raises
    ------
    SplitProblem
        There are too few cards or prompts.
    """
    prompts = _share_prompts(target, settings, seed)
    seen, unseen = _share_cards(target, settings, seed)
    return {
        "train": SplitPlan("train", prompts["train"], seen, held_out_wordings=False),
        "validation": SplitPlan("validation", prompts["validation"], seen, held_out_wordings=False),
        "unseen_prompts": SplitPlan("unseen_prompts", prompts["test"], seen, held_out_wordings=False),
        "unseen_values": SplitPlan("unseen_values", prompts["test"], unseen, held_out_wordings=False),
        "unseen_paraphrases": SplitPlan("unseen_paraphrases", prompts["test"], seen, held_out_wordings=True),
    }


def check_leakage(blocks: dict[str, list[Block]], *, plan: dict[str, SplitPlan]) -> None:
    """Raise Leakage if training shares a prompt, held-out value, wording or answer with what it must not see."""
    train = blocks["train"]
    prompts = {normal(block.prompt) for block in train}
    answers = {normal(answer.text) for block in train for answer in block.answers}
    for name in SPLITS[1:]:
        for block in blocks[name]:
            _refuse(normal(block.prompt) in prompts, f"prompt {block.prompt_id} of {name} is also trained on")
            for answer in block.answers:
                _refuse(normal(answer.text) in answers, f"an answer of block {block.id} in {name} is also trained on")
    _check_values(train, held_out=plan["unseen_values"].cards)
    _check_wordings([*train, *blocks["validation"]])


def normal(text: str) -> str:
    """Write a text so that case, punctuation and spacing do not hide that it is the same.

    >>> normal("  Why, me? ")
    'why me'
    """
    return " ".join(re.findall(r"\w+", text.casefold()))


def _check_values(train: list[Block], *, held_out: tuple[TargetCard, ...]) -> None:
    phrases = [(card.id, f" {normal(plain(policy))} ") for card in held_out for policy in card.policies]
    cards = {card.id for card in held_out}
    for block in train:
        for part in written(block):
            _refuse(part.card in cards, f"block {block.id} trains on card {part.card}, which is held out")
            text = f" {normal(part.text)} "
            leaked = next((card for card, phrase in phrases if phrase in text), None)
            _refuse(leaked is not None, f"block {block.id} holds words of card {leaked}, which is held out")


def _check_wordings(train: Iterable[Block]) -> None:
    held_out = {wording.id for wording in HELD_OUT}
    for block in train:
        for message in block.messages:
            _refuse(message.wording in held_out, f"block {block.id} uses wording {message.wording}, which is held out")
            _refuse(message.paraphrase is not None, f"block {block.id} carries a paraphrase, which only tests may")


def _refuse(leaks: bool, reason: str, /) -> None:
    if leaks:
        raise Leakage(f"Training and test overlap: {reason}. The dataset was not written.")


def _share_prompts(target: AlignmentTarget, settings: DataSettings, seed: int) -> dict[str, tuple[TargetPrompt, ...]]:
    groups = _groups_of_prompts(target.prompts)
    shared: dict[str, list[TargetPrompt]] = {"train": [], "validation": [], "test": []}
    free = []
    for group in groups:
        fixed = next((prompt.split for prompt in group if prompt.split), None)
        shared[fixed].extend(group) if fixed else free.append(group)
    random.Random(f"{seed}:prompts").shuffle(free)
    for name, fraction in (("test", settings.test_prompts), ("validation", settings.validation_prompts)):
        wanted = max(1, round(fraction * len(target.prompts)))
        while free and len(shared[name]) < wanted:
            shared[name].extend(free.pop())
    shared["train"].extend(prompt for group in free for prompt in group)
    for name, prompts in shared.items():
        if not prompts:
            raise SplitProblem(f"{len(target.prompts)} prompts leave none for {name}. Add prompts or at_least_prompts.")
    return {name: tuple(sorted(prompts, key=lambda prompt: prompt.id)) for name, prompts in shared.items()}


def _groups_of_prompts(prompts: list[TargetPrompt]) -> list[list[TargetPrompt]]:
    """Keep prompts that read the same together, so that they land on one side."""
    groups: dict[str, list[TargetPrompt]] = {}
    for prompt in sorted(prompts, key=lambda prompt: prompt.id):
        groups.setdefault(normal(prompt.text), []).append(prompt)
    return list(groups.values())


def _share_cards(
    target: AlignmentTarget, settings: DataSettings, seed: int
) -> tuple[tuple[TargetCard, ...], tuple[TargetCard, ...]]:
    k = settings.messages_per_block
    groups = _groups_of_cards(target.cards)
    random.Random(f"{seed}:values").shuffle(groups)
    wanted = max(k, round(settings.test_values * len(target.cards)))
    unseen: list[TargetCard] = []
    while groups and len(unseen) < wanted:
        smallest = min(range(len(groups)), key=lambda place: (len(groups[place]) > wanted - len(unseen), place))
        unseen.extend(groups.pop(smallest))
    seen = [card for group in groups for card in group]
    if len(seen) < k or len(unseen) < k:
        raise SplitProblem(
            f"{len(target.cards)} cards are too few for blocks of {k} with values held out: {len(seen)} to train on, "
            f"{len(unseen)} held out. Add cards, or set at_least_values in the recipe."
        )
    return tuple(sorted(seen, key=lambda card: card.id)), tuple(sorted(unseen, key=lambda card: card.id))


def _groups_of_cards(cards: list[TargetCard]) -> list[list[TargetCard]]:
    """Keep cards that share a policy together: one of them in training would give the other away."""
    groups: list[tuple[set[str], list[TargetCard]]] = []
    for card in sorted(cards, key=lambda card: card.id):
        phrases = {normal(plain(policy)) for policy in card.policies}
        joined = [group for group in groups if group[0] & phrases]
        groups = [group for group in groups if not group[0] & phrases]
        members = [member for group in joined for member in group[1]]
        groups.append((phrases.union(*(group[0] for group in joined)), [*members, card]))
    return [members for _, members in groups]

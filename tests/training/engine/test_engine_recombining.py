"""Values without meaning that a small model learns to copy from."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from training.engine.dataset import build_dataset, load_blocks
from training.engine.messages import plain
from training.engine.recipe import DataSettings, Recipe
from training.engine.recombining import recombined_cards, recombined_prompts
from training.engine.splits import normal
from training.engine.synthetic import synthetic_cards, synthetic_prompts
from training.engine.target import AlignmentTarget


@pytest.fixture
def mixed(recipe: Recipe) -> Recipe:
    return recipe.model_copy(update={"data": recipe.data.model_copy(update={"recombined_values": 31})})


def test_the_same_seed_gives_the_same_values_and_prompts() -> None:
    assert recombined_cards(9, held_out=[], seed=1) == recombined_cards(9, held_out=[], seed=1)
    assert recombined_cards(9, held_out=[], seed=1) != recombined_cards(9, held_out=[], seed=2)
    assert recombined_prompts(9, held_out=[], seed=1) == recombined_prompts(9, held_out=[], seed=1)


def test_every_value_is_marked_synthetic_and_differs() -> None:
    cards = recombined_cards(300, held_out=[], seed=1)
    assert {card.origin for card in cards} == {"synthetic"}
    assert len({normal(policy) for card in cards for policy in card.policies}) > 890
    assert not {card.id for card in cards} & {card.id for card in synthetic_cards()}


def test_held_out_values_and_prompts_give_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.engine.recombining.JOINED", 0)
    cards, prompts = synthetic_cards(), synthetic_prompts()
    made = recombined_cards(200, held_out=cards[1:], seed=1)
    allowed = {word for policy in cards[0].policies for word in plain(policy).split()}
    assert {word for card in made for policy in card.policies for word in policy.split()} <= allowed
    asked = recombined_prompts(50, held_out=prompts[1:], seed=1)
    assert {word for prompt in asked for word in normal(prompt.text).split()} <= set(normal(prompts[0].text).split())


def test_a_value_that_shares_a_policy_with_a_held_out_one_gives_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.engine.recombining.JOINED", 0)
    first, *others = synthetic_cards()
    twin = first.model_copy(update={"id": "of-a-person", "policies": [first.policies[0]]})
    made = recombined_cards(300, held_out=[twin], seed=1)
    assert not any("silences" in policy for card in made for policy in card.policies)
    assert len({word for card in made for policy in card.policies for word in policy.split()}) > len(others)


def test_only_training_holds_them_and_the_manifest_counts_them(
    target: AlignmentTarget, mixed: Recipe, tmp_path: Path
) -> None:
    manifest = build_dataset(target, tmp_path / "data", recipe=mixed)
    cards = {
        split: {message.card for block in blocks for message in block.messages if message.card.startswith("recombined")}
        for split, blocks in load_blocks(tmp_path / "data").items()
    }
    assert 0 < manifest.recombined_values == len(cards.pop("train")) <= 30
    assert not any(cards.values())
    assert sum(manifest.cards.values()) == 16


def test_the_targets_own_blocks_stay_as_they_were(
    target: AlignmentTarget, recipe: Recipe, mixed: Recipe, tmp_path: Path
) -> None:
    build_dataset(target, tmp_path / "without", recipe=recipe)
    build_dataset(target, tmp_path / "with", recipe=mixed)
    without, mixed_in = load_blocks(tmp_path / "without"), load_blocks(tmp_path / "with")
    own = [block for block in mixed_in["train"] if not block.prompt_id.startswith("recombined")]
    assert {block.id for block in own} <= {block.id for block in without["train"]}
    assert all(mixed_in[split] == without[split] for split in list(without)[2:])


def test_too_few_for_a_block_are_refused(recipe: Recipe) -> None:
    with pytest.raises(ValidationError, match="recombined_values"):
        DataSettings.model_validate(recipe.data.model_dump() | {"recombined_values": 2})

"""From target to dataset folder: messages, blocks, admission, splits, bytes."""

import dataclasses
from pathlib import Path

import pytest

from training.engine.admission import admit, check
from training.engine.blocks import TemplateWriter
from training.engine.dataset import build_dataset, load_blocks, read_manifest
from training.engine.errors import BadRow, FileProblem, Leakage, SplitProblem
from training.engine.lexical import TfIdf, texts_of
from training.engine.messages import HELD_OUT, SEEN, WORDINGS, counterpart, render
from training.engine.recipe import Recipe
from training.engine.rows import TEST_SPLITS, Block, preference_rows, sft_rows
from training.engine.splits import check_leakage, normal, plan_splits
from training.engine.synthetic import synthetic_target, with_synthetic
from training.engine.target import AlignmentTarget

SYNTHETIC = {f"synthetic-{number:03}": "No Such Title" for number in range(1, 200)}
TITLES = SYNTHETIC | {"care": "Tender Care", "truth": "Bare Truth"}


def edited(block: Block, place: int, text: str) -> Block:
    answers = [
        answer.model_copy(update={"text": text}) if number == place else answer
        for number, answer in enumerate(block.answers)
    ]
    return block.model_copy(update={"answers": answers})


@pytest.fixture
def blocks(dataset: Path) -> dict[str, list[Block]]:
    return load_blocks(dataset)


def test_the_same_input_gives_the_same_bytes(target: AlignmentTarget, recipe: Recipe, tmp_path: Path) -> None:
    one, two = (build_dataset(target, tmp_path / name, recipe=recipe) for name in ("one", "two"))
    assert one == two
    paths = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(paths) == 12
    assert all((tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes() for path in paths)


def test_another_seed_gives_other_data(target: AlignmentTarget, recipe: Recipe, tmp_path: Path) -> None:
    one = build_dataset(target, tmp_path / "one", recipe=recipe)
    two = build_dataset(target, tmp_path / "two", recipe=recipe.model_copy(update={"seed": 4}))
    assert one.data_hash != two.data_hash


def test_no_message_holds_its_cards_title(filled: AlignmentTarget) -> None:
    for card in filled.cards:
        assert all(normal(card.title) not in normal(render(card, wording=wording)) for wording in WORDINGS)


def test_every_style_has_one_held_out_wording_and_a_counterpart() -> None:
    assert len(HELD_OUT) == 5
    assert not set(HELD_OUT) & set(SEEN)
    assert all(counterpart(wording).held_out != wording.held_out for wording in WORDINGS)


def test_a_block_gives_k_rows_and_all_ordered_pairs(blocks: dict[str, list[Block]]) -> None:
    block = blocks["train"][0]
    pairs = list(preference_rows(block))
    assert len(list(sft_rows(block))) == 3
    assert {(pair.chosen_card, pair.rejected_card) for pair in pairs} == {
        (a.card, b.card) for a in block.messages for b in block.messages if a.card != b.card
    }
    assert all(pair.chosen == next(a.text for a in block.answers if a.card == pair.chosen_card) for pair in pairs)


def test_row_ids_are_distinct_and_follow_the_content(blocks: dict[str, list[Block]]) -> None:
    rows = [row for block in blocks["train"] for row in sft_rows(block)]
    assert len({row.id for row in rows}) == len({row.model_dump_json(exclude={"id"}) for row in rows})


def test_every_answer_says_that_a_template_wrote_it(blocks: dict[str, list[Block]]) -> None:
    assert {answer.writer for split in blocks.values() for block in split for answer in block.answers} == {"template"}


def test_a_context_draws_its_own_contenders(target: AlignmentTarget, recipe: Recipe, tmp_path: Path) -> None:
    prompts = [target.prompts[0], target.prompts[0].model_copy(update={"id": "t", "text": "Uncle?", "split": "test"})]
    data = recipe.data.model_copy(update={"at_least_prompts": 4})
    manifest = build_dataset(
        target.model_copy(update={"prompts": prompts}), tmp_path / "d", recipe=recipe.model_copy(update={"data": data})
    )
    learned = {"care", "truth"} - set(manifest.held_out_cards)
    of_context = [block for block in load_blocks(tmp_path / "d")["train"] if block.context == "illness"]
    assert any(learned <= {message.card for message in block.messages} for block in of_context)


def test_test_splits_hold_out_what_they_say(blocks: dict[str, list[Block]], dataset: Path) -> None:
    held_out = set(read_manifest(dataset).held_out_cards)
    trained = {message.card for block in blocks["train"] for message in block.messages}
    assert not held_out & trained
    assert {message.card for block in blocks["unseen_values"] for message in block.messages} <= held_out
    prompts = {block.prompt for block in blocks["train"]}
    assert all(block.prompt not in prompts for split in TEST_SPLITS for block in blocks[split])
    wordings = {message.wording for block in blocks["unseen_paraphrases"] for message in block.messages}
    assert wordings <= {wording.id for wording in HELD_OUT}


@pytest.mark.parametrize("split", TEST_SPLITS)
def test_a_test_prompt_in_training_is_a_leak(
    split: str, blocks: dict[str, list[Block]], filled: AlignmentTarget, recipe: Recipe
) -> None:
    plan = plan_splits(filled, settings=recipe.data, seed=recipe.seed)
    leaked = blocks[split][0].model_copy(update={"prompt": blocks["train"][0].prompt.upper() + " "})
    with pytest.raises(Leakage, match=f"of {split} is also trained on"):
        check_leakage(blocks | {split: [leaked]}, plan=plan)


def test_words_of_a_held_out_value_in_training_are_a_leak(
    blocks: dict[str, list[Block]], filled: AlignmentTarget, recipe: Recipe
) -> None:
    plan = plan_splits(filled, settings=recipe.data, seed=recipe.seed)
    secret = plan["unseen_values"].cards[0].policies[0]
    with pytest.raises(Leakage, match="which is held out"):
        check_leakage(blocks | {"train": [edited(blocks["train"][0], 0, f"Think of {secret}.")]}, plan=plan)


def test_a_held_out_wording_in_training_is_a_leak(
    blocks: dict[str, list[Block]], filled: AlignmentTarget, recipe: Recipe
) -> None:
    plan = plan_splits(filled, settings=recipe.data, seed=recipe.seed)
    block = blocks["train"][0]
    messages = [block.messages[0].model_copy(update={"wording": HELD_OUT[0].id}), *block.messages[1:]]
    with pytest.raises(Leakage, match=f"uses wording {HELD_OUT[0].id}"):
        check_leakage(blocks | {"train": [block.model_copy(update={"messages": messages})]}, plan=plan)


def test_cards_that_share_a_policy_stay_on_one_side(filled: AlignmentTarget, recipe: Recipe) -> None:
    twin = filled.cards[-1].model_copy(update={"id": "twin", "title": "Twin"})
    target = filled.model_copy(update={"cards": [*filled.cards, twin]})
    for seed in range(8):
        unseen = {card.id for card in plan_splits(target, settings=recipe.data, seed=seed)["unseen_values"].cards}
        assert ("twin" in unseen) == (filled.cards[-1].id in unseen)


def test_too_few_cards_say_what_to_do(target: AlignmentTarget, recipe: Recipe, tmp_path: Path) -> None:
    data = recipe.data.model_copy(update={"at_least_values": 0})
    with pytest.raises(SplitProblem, match="at_least_values"):
        build_dataset(target, tmp_path / "d", recipe=recipe.model_copy(update={"data": data}))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Tender care is what I mean: HANDS that hold, I would say, and WORDS too.", "names the title"),
        ("Yes.", "differ in length"),
        ("On this, <|end|> I would look at it and decide then what to do.", "control token"),
    ],
)
def test_a_bad_training_answer_is_refused_with_its_reason(
    text: str, reason: str, blocks: dict[str, list[Block]]
) -> None:
    tfidf = TfIdf(texts_of(blocks["train"]))
    block = blocks["train"][0]
    titles = TITLES | {block.answers[0].card: "Tender Care"}
    assert any(reason in found for found in check(edited(block, 0, text), titles=titles, tfidf=tfidf))


def test_an_answer_nearer_to_another_message_is_refused(blocks: dict[str, list[Block]]) -> None:
    tfidf = TfIdf(texts_of(blocks["train"]))
    block = blocks["train"][0]
    swapped = edited(edited(block, 0, block.answers[1].text), 1, block.answers[0].text)
    admitted, refused = admit([block, swapped], titles=TITLES, tfidf=tfidf)
    assert admitted == [block]
    assert any("nearer to another message" in reason for reason in refused[0].reasons)


def test_test_blocks_are_admitted_without_checks(blocks: dict[str, list[Block]], dataset: Path) -> None:
    assert all(len(blocks[split]) == 6 for split in TEST_SPLITS)
    assert {field.name for field in dataclasses.fields(admit.__globals__["Refusal"])} == {"block", "split", "reasons"}


def test_answers_of_a_block_are_matched_in_length(blocks: dict[str, list[Block]]) -> None:
    lengths = [[len(answer.text.split()) for answer in block.answers] for split in blocks.values() for block in split]
    assert max(max(block) / min(block) for block in lengths) < 1.5


def test_a_long_policy_is_clipped_and_keeps_no_loose_end(filled: AlignmentTarget) -> None:
    long = filled.cards[0].model_copy(update={"policies": [f"SIGNS of {'very ' * 30}old age"]})
    prompt = filled.prompts[0]
    long_answer, short_answer = TemplateWriter().write(prompt, cards=[long, filled.cards[1]], seed="1")
    assert len(long_answer.split()) - len(short_answer.split()) <= 4


def test_a_changed_row_is_named_with_its_line(dataset: Path) -> None:
    path = dataset / "blocks" / "train.jsonl"
    lines = path.read_text().splitlines()
    lines[4] = lines[4].replace('"prompt":"', '"prompt":"<|user|>')
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(BadRow, match=r"train\.jsonl, line 5: the text holds <\|user\|>"):
        read_manifest(dataset)


def test_a_used_folder_is_refused(target: AlignmentTarget, recipe: Recipe, dataset: Path) -> None:
    with pytest.raises(FileProblem, match="not empty"):
        build_dataset(target, dataset, recipe=recipe)


def test_synthetic_values_are_marked_and_outweigh_nobody(target: AlignmentTarget) -> None:
    filled = with_synthetic(target, values=10, prompts=5)
    added = filled.cards[2:]
    assert len(added) == 8
    assert {card.origin for card in added} == {"synthetic"}
    assert filled.contexts == target.contexts
    assert with_synthetic(target, values=1, prompts=1) == target


def test_synthetic_values_are_many_distinct_and_name_no_title() -> None:
    target = synthetic_target(values=1000, prompts=1000)
    policies = [normal(policy) for card in target.cards for policy in card.policies]
    assert len(target.cards) >= 32
    assert len(set(policies)) == len(policies)
    assert len({normal(prompt.text) for prompt in target.prompts}) == len(target.prompts)
    for card in target.cards:
        assert all(f" {normal(card.title)} " not in f" {normal(policy)} " for policy in card.policies)

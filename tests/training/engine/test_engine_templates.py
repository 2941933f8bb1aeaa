"""The chat template: tokens and masks, byte for byte."""

from pathlib import Path

import pytest

from training.engine.errors import BadRow
from training.engine.packing import AnswerCollator, encode_block
from training.engine.recipe import Recipe
from training.engine.rows import CONTROL_TOKENS, read_blocks, sft_rows
from training.engine.templates import IGNORED, ChatTemplate, conversation
from training.engine.train import training_texts
from training.engine.weights import first_model


@pytest.fixture
def template(dataset: Path, recipe: Recipe) -> ChatTemplate:
    return first_model(recipe, texts=training_texts(read_blocks(dataset, split="train")))[1]


def test_tokens_and_mask_equal_the_tokenizers_own_template(template: ChatTemplate, dataset: Path) -> None:
    for block in read_blocks(dataset, split="unseen_values"):
        for row in sft_rows(block):
            theirs = template.tokenizer.apply_chat_template(
                conversation(row.system, prompt=row.prompt, answer=row.answer),
                tokenize=True,
                return_dict=True,
                return_assistant_tokens_mask=True,
            )
            ours = template.encode(row.system, prompt=row.prompt, answer=row.answer, place="")
            assert list(ours.tokens) == theirs["input_ids"]
            assert [int(label != IGNORED) for label in ours.labels] == theirs["assistant_masks"]


def test_the_prefix_is_the_generation_prompt(template: ChatTemplate) -> None:
    theirs = template.tokenizer.apply_chat_template(
        conversation("Be kind.", prompt="Why?\n"), tokenize=True, return_dict=True, add_generation_prompt=True
    )
    assert template.prefix("Be kind.", prompt="Why?\n") == theirs["input_ids"]


def test_the_loss_is_on_the_answer_and_its_end(template: ChatTemplate) -> None:
    row = template.encode("Be kind.", prompt="Why?", answer="So.", place="")
    learned = [label for label in row.labels if label != IGNORED]
    assert template.tokenizer.decode(learned) == "So.<|end|>"


@pytest.mark.parametrize("token", CONTROL_TOKENS)
def test_text_cannot_write_a_control_token(template: ChatTemplate, token: str) -> None:
    controls = set(template.tokenizer.convert_tokens_to_ids(list(CONTROL_TOKENS)))
    tokens = template.text(f"Ignore this {token} and obey.")
    assert not controls & set(tokens)
    assert template.tokenizer.decode(tokens) == f"Ignore this {token} and obey."


def test_a_row_that_is_too_long_is_refused_with_its_place(template: ChatTemplate) -> None:
    with pytest.raises(BadRow, match=r"row 7: \d+ tokens, more than max_length 512"):
        template.encode("a", prompt="b", answer="word " * 300, place="row 7")


def test_padding_is_masked_and_carries_no_loss(template: ChatTemplate) -> None:
    rows = [template.encode("a", prompt="b", answer=text, place="") for text in ("Yes.", "Yes, and more of it.")]
    batch = AnswerCollator(template.tokenizer.pad_token_id)(rows)
    padded = len(rows[1].tokens) - len(rows[0].tokens)
    assert batch["attention_mask"][0].tolist() == [1] * len(rows[0].tokens) + [0] * padded
    assert (batch["labels"][0, -padded:] == IGNORED).all()
    assert batch["real_tokens"] == sum(len(row.tokens) for row in rows)


def test_a_block_is_laid_out_message_by_message(template: ChatTemplate, dataset: Path) -> None:
    block = read_blocks(dataset, split="train")[0]
    encoded = encode_block(block, template=template, place="")
    expected = template.encode(block.messages[1].text, prompt=block.prompt, answer=block.answers[2].text, place="")
    assert encoded.rows[1 * 3 + 2] == expected

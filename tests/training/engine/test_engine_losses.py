"""Losses worked by hand, and beside TRL's."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch

from training.engine.losses import answer_logps, block_dpo_loss, block_interaction_loss, dpo_loss, sft_loss
from training.engine.packing import AnswerCollator
from training.engine.recipe import Recipe
from training.engine.rows import preference_rows, read_blocks
from training.engine.scoring import ModelScorer, score_rows
from training.engine.templates import conversation
from training.engine.train import training_texts
from training.engine.weights import first_model

RELATIVE = 1e-5


def test_log_probabilities_add_up_over_the_answer_alone() -> None:
    logits = torch.zeros(1, 4, 5)
    logits[0, 2, 3] = math.log(6)  # the third token says that the fourth is token 3, with probability 6/10
    labels = torch.tensor([[-100, -100, 1, 3]])
    sums, counts = answer_logps(logits, labels=labels)
    assert sums.item() == pytest.approx(math.log(1 / 5) + math.log(6 / 10))
    assert counts.item() == 2
    assert sft_loss(logits, labels=labels).item() == pytest.approx(-sums.item() / 2)


def test_the_first_dpo_loss_is_the_logarithm_of_two() -> None:
    scores = torch.randn(4, 3, 3)
    assert block_dpo_loss(scores, reference=scores.clone(), beta=0.1).item() == pytest.approx(math.log(2))
    assert block_interaction_loss(scores, reference=scores.clone(), beta=0.1).item() == pytest.approx(math.log(2))


def test_dpo_weighs_the_margin_against_the_reference_by_beta() -> None:
    numbers = {"rejected": -3.0, "reference_chosen": -2.0, "reference_rejected": -2.5}
    one = {name: torch.tensor([number]) for name, number in numbers.items()}
    expected = -math.log(1 / (1 + math.exp(-0.5 * ((-1 + 3) - (-2 + 2.5)))))
    assert dpo_loss(torch.tensor([-1.0]), beta=0.5, **one).item() == pytest.approx(expected)


def test_block_dpo_is_dpo_over_all_ordered_pairs() -> None:
    scores, reference = torch.randn(2, 3, 3), torch.randn(2, 3, 3)
    pairs = [(n, i, j) for n in range(2) for i in range(3) for j in range(3) if i != j]
    one_by_one = [
        dpo_loss(
            scores[n, i, i][None],
            rejected=scores[n, i, j][None],
            reference_chosen=reference[n, i, i][None],
            reference_rejected=reference[n, i, j][None],
            beta=0.3,
        )
        for n, i, j in pairs
    ]
    expected = torch.stack(one_by_one).mean().item()
    assert block_dpo_loss(scores, reference=reference, beta=0.3).item() == pytest.approx(expected)


def test_the_interaction_ignores_what_depends_on_the_answer_alone() -> None:
    scores, reference = torch.randn(2, 3, 3), torch.randn(2, 3, 3)
    moved = scores + torch.tensor([5.0, -1.0, 2.0])
    losses = [block_interaction_loss(each, reference=reference, beta=1.0).item() for each in (scores, moved)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_padding_changes_no_score(dataset: Path, recipe: Recipe) -> None:
    blocks = read_blocks(dataset, split="train")
    model, template = first_model(recipe, texts=training_texts(blocks))
    texts = ("Yes.", "No, never, I think.")
    rows = [template.encode("Attend.", prompt="Why?", answer=text, place="") for text in texts]
    together, _ = score_rows(rows, model=model, padding=template.tokenizer.pad_token_id, batch=2)
    alone, counts = score_rows(rows, model=model, padding=template.tokenizer.pad_token_id, batch=1)
    assert torch.allclose(together, alone, rtol=1e-5)
    assert counts.tolist() == [len(row.tokens) - row.answer_from for row in rows]
    means, sums = ModelScorer(model, template=template, batch=2)([("Attend.", "Why?", "Yes.")])
    assert sums[0] == pytest.approx(alone[0].item(), rel=1e-6)
    assert means[0] == pytest.approx(sums[0] / counts[0].item(), rel=1e-6)


@pytest.fixture
def material(dataset: Path, recipe: Recipe) -> tuple[Any, Any, Any, list[Any]]:
    """A model, another as reference, the template and eight preference rows."""
    blocks = read_blocks(dataset, split="train")
    model, template = first_model(recipe, texts=training_texts(blocks))
    reference, _ = first_model(recipe.model_copy(update={"seed": 9}), texts=training_texts(blocks))
    return model, reference, template, [row for block in blocks for row in preference_rows(block)][:8]


def quiet(tmp_path: Path) -> dict[str, Any]:
    return {
        "output_dir": str(tmp_path / "trl"),
        "per_device_train_batch_size": 8,
        "report_to": "none",
        "use_cpu": True,
        "bf16": False,
        "gradient_checkpointing": False,
        "dataloader_pin_memory": False,
        "save_strategy": "no",
        "disable_tqdm": True,
    }


def gradients(model: Any, loss: torch.Tensor) -> torch.Tensor:
    model.zero_grad()
    loss.backward()
    return torch.cat([parameter.grad.flatten() for parameter in model.parameters() if parameter.grad is not None])


def distance(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    """The length of the difference beside the length of the vector."""
    return float((ours - theirs).norm() / theirs.norm())


@pytest.mark.slow
def test_sft_loss_and_gradients_are_those_of_trl(material: tuple[Any, ...], tmp_path: Path) -> None:
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    model, _, template, rows = material
    talks = [conversation(row.system, prompt=row.prompt, answer=row.chosen) for row in rows]
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(assistant_only_loss=True, **quiet(tmp_path)),
        train_dataset=Dataset.from_list([{"messages": talk} for talk in talks]),
        processing_class=template.tokenizer,
    )
    model.eval()
    theirs = trainer.compute_loss(model, trainer.data_collator([trainer.train_dataset[n] for n in range(8)]))
    their_gradients = gradients(model, theirs)
    encoded = [template.encode(row.system, prompt=row.prompt, answer=row.chosen, place="") for row in rows]
    batch = AnswerCollator(template.tokenizer.pad_token_id)(encoded)
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    ours = sft_loss(logits, labels=batch["labels"])
    assert ours.item() == pytest.approx(theirs.item(), rel=RELATIVE)
    assert distance(gradients(model, ours), their_gradients) < RELATIVE


@pytest.mark.slow
def test_dpo_loss_and_gradients_are_those_of_trl(material: tuple[Any, ...], tmp_path: Path) -> None:
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    model, reference, template, rows = material
    data = [
        {
            "prompt": conversation(row.system, prompt=row.prompt),
            "chosen": [{"role": "assistant", "content": row.chosen}],
            "rejected": [{"role": "assistant", "content": row.rejected}],
        }
        for row in rows
    ]
    trainer = DPOTrainer(
        model=model,
        ref_model=reference,
        args=DPOConfig(beta=0.2, **quiet(tmp_path)),
        train_dataset=Dataset.from_list(data),
        processing_class=template.tokenizer,
    )
    model.eval()
    theirs = trainer.compute_loss(model, trainer.data_collator([trainer.train_dataset[n] for n in range(8)]))
    their_gradients = gradients(model, theirs)

    def scores(scorer: Any, texts: list[str]) -> torch.Tensor:
        pairs = zip(rows, texts, strict=True)
        encoded = [template.encode(row.system, prompt=row.prompt, answer=text, place="") for row, text in pairs]
        batch = AnswerCollator(template.tokenizer.pad_token_id)(encoded)
        logits = scorer(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
        return answer_logps(logits, labels=batch["labels"])[0]

    chosen, rejected = [row.chosen for row in rows], [row.rejected for row in rows]
    with torch.no_grad():
        frozen = {"reference_chosen": scores(reference, chosen), "reference_rejected": scores(reference, rejected)}
    ours = dpo_loss(scores(model, chosen), rejected=scores(model, rejected), beta=0.2, **frozen)
    assert ours.item() == pytest.approx(theirs.item(), rel=RELATIVE)
    assert distance(gradients(model, ours), their_gradients) < RELATIVE

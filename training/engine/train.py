"""Dataset to model: the stages of a recipe, on `transformers.Trainer`.

Rule: an objective is a collator and a loss; everything else (optimizer, schedule, devices) is the Trainer's. Data is
read and encoded whole before the first step, and a run folder says at every moment in which state it is.
"""

import os
import platform
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil
import torch
from torch import Tensor
from transformers import PreTrainedModel, PrinterCallback, Trainer, TrainingArguments
from transformers.utils import logging as transformers_logging

from training.engine.dataset import read_manifest
from training.engine.errors import Cancelled, EngineError
from training.engine.files import refuse_used, write_json
from training.engine.lexical import texts_of
from training.engine.losses import answer_logps, block_dpo_loss, block_interaction_loss, sft_loss
from training.engine.packing import AnswerCollator, BlockCollator, EncodedBlock, encode_block, encode_own_answers
from training.engine.progress import Progress, Reporting
from training.engine.recipe import Recipe, StageSettings, save_recipe
from training.engine.rows import Block, read_blocks
from training.engine.scoring import score_rows
from training.engine.templates import ChatTemplate, Encoded
from training.engine.weights import first_model, save_model

SCORING_BATCH = 64
PACKAGES = ("torch", "transformers", "accelerate", "tokenizers", "safetensors", "numpy")


@dataclass(frozen=True)
class Objective:
    """What a stage learns: how rows become a batch, and what is made small."""

    collate: Callable[[Sequence[Any]], dict[str, Any]]
    loss: Callable[[Tensor, dict[str, Any]], Tensor]


@dataclass(frozen=True)
class Rows:
    """Encoded rows or blocks to learn from and to validate on."""

    train: Sequence[Encoded] | Sequence[EncodedBlock]
    validation: Sequence[Encoded] | Sequence[EncodedBlock]


def train(recipe: Recipe, *, data: Path, out: Path, models_folder: Path | None = None) -> None:
    """Train a recipe on a dataset folder and write the run folder.

    Parameters
    ----------
    data
        A dataset folder. Its hashes are checked first.
    out
        The run folder; it must not exist, or be empty.
    models_folder
        Where the recipe's model name is looked up before the hub.

    Raises
    ------
    BadRow
        A row cannot be used; nothing was trained.
    Diverged, Cancelled
        The run stopped; `status.json` says so and no model was written.
    """
    refuse_used(out)
    manifest = read_manifest(data)
    out.mkdir(parents=True, exist_ok=True)
    progress = Progress(out, total=sum(stage.steps for stage in recipe.stages))
    progress.tell("preparing")
    save_recipe(recipe, out / "recipe.yaml")
    write_json(out / "environment.json", _environment() | {"data_hash": manifest.data_hash, "study": manifest.study})
    write_json(out / "dataset.json", manifest.model_dump(mode="json"))
    try:
        with progress.obeying_signals():
            model, template = _train_stages(recipe, data=data, out=out, progress=progress, models_folder=models_folder)
            progress.tell("saving")
            save_model(model, template=template, folder=out / "model")
    except Cancelled as error:
        progress.tell("cancelled", message=str(error))
        raise
    except (EngineError, RuntimeError, OSError, ValueError) as error:
        progress.tell("failed", message=str(error))
        raise
    progress.tell("finished")


def prepare_machine(recipe: Recipe) -> None:
    """Set threads, determinism and quiet logging for a run or an evaluation."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    if not torch.cuda.is_available():
        torch.use_deterministic_algorithms(True)
        # Filling unset memory finds bugs and costs a tenth of the time; torch has no types for the setting.
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def objective_for(stage: StageSettings, *, padding: int) -> Objective:
    """Return a stage's collator and loss."""
    if stage.objective == "sft":
        return Objective(AnswerCollator(padding), lambda logits, batch: sft_loss(logits, labels=batch["labels"]))
    block_loss = block_dpo_loss if stage.objective == "dpo" else block_interaction_loss

    def loss(logits: Tensor, batch: dict[str, Any]) -> Tensor:
        sums, _ = answer_logps(logits, labels=batch["labels"])
        reference = batch["reference"]
        return block_loss(sums.view(reference.shape), reference=reference, beta=stage.beta)

    return Objective(BlockCollator(padding), loss)


def _train_stages(
    recipe: Recipe, *, data: Path, out: Path, progress: Progress, models_folder: Path | None
) -> tuple[PreTrainedModel, ChatTemplate]:
    prepare_machine(recipe)
    blocks = {split: read_blocks(data, split=split) for split in ("train", "validation")}
    model, template = first_model(recipe, texts=training_texts(blocks["train"]), models_folder=models_folder)
    encoded = {split: _encode(blocks[split], template=template, split=split) for split in blocks}
    own = {split: _own_answers(blocks[split], template=template, split=split) for split in blocks}
    for number, stage in enumerate(recipe.stages, start=1):
        progress.begin_stage(f"{number}-{stage.objective}")
        padding = template.tokenizer.pad_token_id
        if stage.objective == "sft":
            rows = Rows(own["train"], own["validation"])
        else:
            rows = _with_reference(encoded, stage=stage, recipe=recipe, model=model, padding=padding)
        _run_stage(stage, rows=rows, model=model, recipe=recipe, out=out, progress=progress, padding=padding)
        progress.check()
    return model, template


def training_texts(blocks: list[Block]) -> list[str]:
    """List the texts of training blocks that a tokenizer may be trained on."""
    return [*texts_of(blocks), *(block.prompt for block in blocks)]


def _encode(blocks: list[Block], *, template: ChatTemplate, split: str) -> list[EncodedBlock]:
    return [
        encode_block(block, template=template, place=f"blocks/{split}.jsonl, line {line} (block {block.id})")
        for line, block in enumerate(blocks, start=1)
    ]


def _own_answers(blocks: list[Block], *, template: ChatTemplate, split: str) -> list[Encoded]:
    return [
        row
        for line, block in enumerate(blocks, start=1)
        for row in encode_own_answers(block, template=template, place=f"blocks/{split}.jsonl, line {line}")
    ]


def _with_reference(
    encoded: dict[str, list[EncodedBlock]],
    *,
    stage: StageSettings,
    recipe: Recipe,
    model: PreTrainedModel,
    padding: int,
) -> Rows:
    """Keep the blocks that the stage will reach, each with the log-probabilities that the model gives it now."""
    reached = list(encoded["train"])
    random.Random(f"{recipe.seed}:{stage.objective}").shuffle(reached)
    chosen = reached[: stage.steps * stage.batch]
    return Rows(
        _referenced(chosen, model=model, padding=padding),
        _referenced(encoded["validation"], model=model, padding=padding),
    )


def _referenced(blocks: list[EncodedBlock], *, model: PreTrainedModel, padding: int) -> list[EncodedBlock]:
    rows = [row for block in blocks for row in block.rows]
    sums, _ = score_rows(rows, model=model, padding=padding, batch=SCORING_BATCH)
    parts = sums.split([block.k**2 for block in blocks])
    return [replace(block, reference=part.view(block.k, block.k)) for block, part in zip(blocks, parts, strict=True)]


class ObjectiveTrainer(Trainer):
    """A Trainer that makes an Objective small and counts the tokens it reads."""

    def __init__(self, *, objective: Objective, progress: Progress, **arguments: Any) -> None:
        super().__init__(data_collator=objective.collate, callbacks=[Reporting(progress)], **arguments)
        self._objective = objective
        self._progress = progress

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Return the objective's loss on a batch."""
        if model.training:
            self._progress.tokens += inputs["real_tokens"]
        outputs = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], use_cache=False)
        loss = self._objective.loss(outputs.logits, inputs)
        return (loss, {"loss": loss}) if return_outputs else loss


def _run_stage(
    stage: StageSettings,
    *,
    rows: Rows,
    model: PreTrainedModel,
    recipe: Recipe,
    out: Path,
    progress: Progress,
    padding: int,
) -> None:
    trainer = ObjectiveTrainer(
        objective=objective_for(stage, padding=padding),
        progress=progress,
        model=model,
        args=_arguments(stage, recipe=recipe, out=out),
        train_dataset=rows.train,
        eval_dataset=rows.validation,
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()


def _arguments(stage: StageSettings, *, recipe: Recipe, out: Path) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(out),
        max_steps=stage.steps,
        per_device_train_batch_size=stage.batch,
        per_device_eval_batch_size=max(1, SCORING_BATCH // 9) if stage.objective != "sft" else SCORING_BATCH,
        learning_rate=stage.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=stage.warmup_steps,
        weight_decay=stage.weight_decay,
        max_grad_norm=stage.gradient_norm,
        optim="adamw_torch_fused",
        seed=recipe.seed,
        data_seed=recipe.seed,
        logging_steps=stage.log_every,
        logging_nan_inf_filter=False,
        eval_strategy="steps",
        eval_steps=stage.validate_every,
        save_strategy="no",
        report_to="none",
        use_cpu=not torch.cuda.is_available(),
        dataloader_pin_memory=torch.cuda.is_available(),
        remove_unused_columns=False,
        label_names=["labels"],
        prediction_loss_only=True,
        disable_tqdm=True,
    )


def _environment() -> dict[str, Any]:
    devices = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    return {
        "versions": {"python": platform.python_version(), **{name: metadata.version(name) for name in PACKAGES}},
        "hardware": {
            "machine": platform.machine(),
            "system": platform.system(),
            "cores": psutil.cpu_count(),
            "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
            "devices": devices,
        },
    }

"""Datasets: verbs that turn an alignment target into a folder of counterfactual blocks."""

import itertools
import json
import shutil
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max

from elicit.jobs import JobProgress, cancel_job, enqueue
from elicit.models import Study
from moralgraph.models import AlignmentTarget
from training.errors import EngineFailed, NotReady
from training.models import Dataset
from training.recipes import check_recipe, recipe_file
from training.supervision import erase_log, run_engine

JOB_KIND = "training.build_dataset"


@transaction.atomic
def request_dataset(target: AlignmentTarget, *, recipe_name: str, seed: int) -> Dataset:
    """Record a dataset and the job that will build it."""
    if target.retired_at:
        raise NotReady("This alignment target has been retired. Freeze a new one first.")
    check_recipe(recipe_name)
    study = Study.objects.select_for_update().get(pk=target.study_id)
    dataset = Dataset.objects.create(
        study=study,
        alignment_target=target,
        number=(study.datasets.aggregate(last=Max("number"))["last"] or 0) + 1,
        seed=seed,
        summary={"recipe": recipe_name},
    )
    dataset.job = enqueue(
        JOB_KIND, key=f"dataset-{dataset.pk}", study=study, payload={"dataset": dataset.pk, "recipe": recipe_name}
    )
    dataset.save(update_fields=["job"])
    return dataset


def build_dataset(progress: JobProgress) -> None:
    """Build a requested dataset's folder. Doing it again gives the same bytes.

    If somebody whose words are in it withdraws meanwhile, nothing of it stays.
    """
    dataset = Dataset.objects.select_related("study", "alignment_target").get(pk=progress.payload["dataset"])
    if dataset.state == Dataset.State.READY:
        return
    try:
        if dataset.state != Dataset.State.RETIRED:
            _write_folder(dataset, progress)
    except EngineFailed:
        fail_dataset(dataset)
        raise
    finally:
        erase_if_retired(dataset)
    accept_dataset(dataset)


def _write_folder(dataset: Dataset, progress: JobProgress) -> None:
    arguments = ["build", str(write_target(dataset)), "--out", str(dataset.folder)]
    arguments += ["--recipe", str(recipe_file(progress.payload["recipe"])), "--seed", str(dataset.seed)]
    if not (dataset.folder / "manifest.json").exists():
        run_engine(arguments, watch=dataset.folder, progress=progress)


def target_file(dataset: Dataset) -> Path:
    """Return where the dataset's target lies for the engine."""
    return dataset.folder.with_name(f"{dataset.folder.name}.target.json")


def write_target(dataset: Dataset) -> Path:
    """Write the frozen target to a file for the engine."""
    path = target_file(dataset)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(dataset.alignment_target.content, ensure_ascii=False, sort_keys=True, indent=1))
    return path


@transaction.atomic
def accept_dataset(dataset: Dataset) -> None:
    """Take the finished folder's manifest into the row, unless it was retired meanwhile."""
    dataset.refresh_from_db(from_queryset=Dataset.objects.select_for_update())
    if dataset.state == Dataset.State.RETIRED:
        erase_files(dataset)
        return
    manifest = json.loads((dataset.folder / "manifest.json").read_text())
    shown = ("labels", "cards", "blocks", "refused", "answer_writers", "held_out_cards", "settings")
    dataset.summary = {**dataset.summary, **{key: manifest[key] for key in shown}}
    dataset.content_hash = manifest["data_hash"]
    dataset.state = Dataset.State.READY
    dataset.save(update_fields=["summary", "content_hash", "state"])


def fail_dataset(dataset: Dataset) -> None:
    """Say that a dataset could not be built; the job's error says why. A retired one stays retired."""
    Dataset.objects.filter(pk=dataset.pk, state=Dataset.State.QUEUED).update(state=Dataset.State.FAILED)
    dataset.refresh_from_db(fields=["state"])


@transaction.atomic
def retire_dataset(dataset: Dataset) -> None:
    """Stop its job if that still runs, and erase its files; its row and its hash stay."""
    row = Dataset.objects.select_for_update(of=("self",)).select_related("job", "study").get(pk=dataset.pk)
    if row.job:
        cancel_job(row.job)
    row.state = Dataset.State.RETIRED
    row.save(update_fields=["state"])
    erase_files(row)


def erase_if_retired(dataset: Dataset) -> None:
    """Erase what was written while somebody withdrew."""
    if Dataset.objects.filter(pk=dataset.pk, state=Dataset.State.RETIRED).exists():
        erase_files(dataset)


def erase_files(dataset: Dataset) -> None:
    """Erase the dataset's folder, its target, and what an attempt that was cut off left beside them."""
    folder = dataset.folder
    for left in (folder, *folder.parent.glob(f".{folder.name}.*")):
        shutil.rmtree(left, ignore_errors=True)
    target_file(dataset).unlink(missing_ok=True)
    erase_log(folder)


def example_blocks(dataset: Dataset, *, split: str = "train", count: int = 2) -> list[dict[str, Any]]:
    """Read the first blocks of a split, for people to look at: the prompt, and each message with its answer."""
    path = dataset.folder / "blocks" / f"{split}.jsonl"
    if not path.exists():
        return []
    with path.open() as lines:
        blocks = [json.loads(line) for line in itertools.islice(lines, count)]
    return [
        {
            "prompt": block["prompt"],
            "pairs": [
                {"message": message["text"], "answer": answer["text"]}
                for message, answer in zip(block["messages"], block["answers"], strict=True)
            ],
        }
        for block in blocks
    ]

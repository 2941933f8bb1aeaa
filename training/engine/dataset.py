"""The dataset folder: written once from a target, a recipe and a seed, and checked whenever it is read.

Rule: the folder is complete or absent, and the same target, settings and seed give the same bytes.
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from training.engine.admission import Refusal, admit
from training.engine.blocks import AnswerWriter, TemplateWriter, build_blocks
from training.engine.errors import BadRow, FileProblem, SplitProblem
from training.engine.files import (
    Strict,
    content_id,
    explain,
    file_hash,
    new_folder,
    read_json,
    write_json,
    write_lines,
)
from training.engine.lexical import TfIdf, texts_of
from training.engine.recipe import DataSettings, Recipe
from training.engine.recombining import recombined_cards, recombined_prompts
from training.engine.rows import SPLITS, Block, preference_rows, read_blocks, sft_rows
from training.engine.splits import SplitPlan, check_leakage, plan_splits
from training.engine.synthetic import with_synthetic
from training.engine.target import AlignmentTarget, TargetCard, save_target, target_hash

FORMAT_VERSION = 1
LEARNED = ("train", "validation")


class Manifest(Strict):
    """What a dataset folder holds.

    study, snapshot, labels: from the target. target_hash: of the target as it came in. seed, settings: how it was
    drawn. cards: number of cards by origin. recombined_values: number of values made of pieces of our own that are
    trained on; they are not in the target. held_out_cards: ids kept for `unseen_values`. blocks: number by split.
    refused: number of refused training and validation blocks. answer_writers: who wrote the answers. files: SHA-256
    by path. data_hash: hash of `files`, the name of the data.
    """

    format_version: int = Field(ge=FORMAT_VERSION, le=FORMAT_VERSION)
    study: str
    snapshot: str
    labels: list[str]
    target_hash: str
    seed: int
    settings: DataSettings
    cards: dict[str, int]
    recombined_values: int = 0
    held_out_cards: list[str]
    blocks: dict[str, int]
    refused: int
    answer_writers: list[str]
    files: dict[str, str]
    data_hash: str


def build_dataset(
    target: AlignmentTarget, out: Path, *, recipe: Recipe, writer: AnswerWriter | None = None
) -> Manifest:
    """Write the dataset folder for a target and return its manifest.

    Parameters
    ----------
    out
        A folder that does not exist yet, or is empty.
    recipe
        Its `data` settings and `seed` are used.
    writer
        Who writes the answers; the template writer if nobody is given.

    Raises
    ------
    SplitProblem, Leakage, FileProblem
        Nothing is written then.
    """
    settings, seed = recipe.data, recipe.seed
    writer = writer or TemplateWriter()
    filled = with_synthetic(target, values=settings.at_least_values, prompts=settings.at_least_prompts)
    plan = plan_splits(filled, settings=settings, seed=seed)
    drawn = {
        name: build_blocks(
            plan[name],
            target=filled,
            settings=settings,
            count=getattr(settings.blocks, name if name in LEARNED else "test"),
            seed=seed,
            writer=writer,
        )
        for name in SPLITS
    }
    recombined = _recombined(plan, settings=settings, seed=seed)
    if recombined is not None:
        count = len(recombined.prompts)
        drawn["train"] += build_blocks(
            recombined, target=filled, settings=settings, count=count, seed=seed, writer=writer
        )
    blocks, refused = _admit(drawn, [*filled.cards, *(recombined.cards if recombined else ())])
    check_leakage(blocks, plan=plan)
    with new_folder(out) as folder:
        save_target(filled, folder / "alignment_target.json")
        _write(folder, blocks, refused)
        manifest = _manifest(folder, target, filled, recipe=recipe, plan=plan, blocks=blocks, refused=refused)
        write_json(folder / "manifest.json", manifest.model_dump(mode="json"))
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """Read a dataset's manifest and check every file's hash.

    Raises
    ------
    FileProblem
        The folder is no dataset.
    BadRow
        A file was changed after the dataset was built.
    """
    path = folder / "manifest.json"
    try:
        manifest = Manifest.model_validate(read_json(path))
    except ValidationError as error:
        raise FileProblem(f"{path} is not a manifest:\n{explain(error)}") from error
    for name, expected in manifest.files.items():
        if not (folder / name).is_file() or file_hash(folder / name) != expected:
            _find_bad_row(folder, name)
            raise BadRow(f"{folder / name} is not the file that the manifest names. Build the dataset again.")
    return manifest


def load_blocks(folder: Path) -> dict[str, list[Block]]:
    """Read the blocks of every split."""
    return {split: read_blocks(folder, split=split) for split in SPLITS}


def _find_bad_row(folder: Path, name: str) -> None:
    """Name the row at fault if reading the changed file finds one."""
    path = Path(name)
    if path.parent == Path("blocks") and (folder / name).is_file():
        read_blocks(folder, split=path.stem)


def _recombined(plan: dict[str, SplitPlan], *, settings: DataSettings, seed: int) -> SplitPlan | None:
    """Plan the training blocks of recombined values, one prompt for each block, or none if the recipe wants none."""
    if not settings.recombined_values:
        return None
    unseen = [*plan["validation"].prompts, *plan["unseen_values"].prompts]
    cards = recombined_cards(settings.recombined_values, held_out=plan["unseen_values"].cards, seed=seed)
    count = len(cards) // settings.messages_per_block
    return replace(
        plan["train"],
        cards=tuple(cards),
        prompts=tuple(recombined_prompts(count, held_out=unseen, seed=seed)),
    )


def _admit(drawn: dict[str, list[Block]], cards: list[TargetCard]) -> tuple[dict[str, list[Block]], list[Refusal]]:
    titles = {card.id: card.title for card in cards}
    tfidf = TfIdf(texts_of(drawn["train"]))
    blocks, refused = dict(drawn), []
    for name in LEARNED:
        blocks[name], out = admit(drawn[name], titles=titles, tfidf=tfidf)
        refused.extend(out)
        if not blocks[name]:
            reasons = ", ".join(sorted({reason for refusal in out for reason in refusal.reasons}))
            raise SplitProblem(f"Every block of {name} was refused ({reasons}). Nothing can be trained on this target.")
    return blocks, refused


def _write(folder: Path, blocks: dict[str, list[Block]], refused: list[Refusal]) -> None:
    for name in SPLITS:
        write_lines(folder / "blocks" / f"{name}.jsonl", (block.model_dump(mode="json") for block in blocks[name]))
    for name in LEARNED:
        sft = (row.model_dump(mode="json") for block in blocks[name] for row in sft_rows(block))
        write_lines(folder / "sft" / f"{name}.jsonl", sft)
        pairs = (row.model_dump(mode="json") for block in blocks[name] for row in preference_rows(block))
        write_lines(folder / "preferences" / f"{name}.jsonl", pairs)
    write_lines(folder / "refused.jsonl", (asdict(refusal) for refusal in refused))


def _manifest(
    folder: Path,
    target: AlignmentTarget,
    filled: AlignmentTarget,
    *,
    recipe: Recipe,
    plan: dict[str, SplitPlan],
    blocks: dict[str, list[Block]],
    refused: list[Refusal],
) -> Manifest:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {path.relative_to(folder).as_posix(): file_hash(path) for path in paths}
    values: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "study": target.study,
        "snapshot": target.snapshot,
        "labels": target.labels,
        "target_hash": target_hash(target),
        "seed": recipe.seed,
        "settings": recipe.data,
        "cards": _by_origin(filled),
        "recombined_values": len(
            {message.card for block in blocks["train"] for message in block.messages}
            - {card.id for card in filled.cards}
        ),
        "held_out_cards": [card.id for card in plan["unseen_values"].cards],
        "blocks": {name: len(blocks[name]) for name in SPLITS},
        "refused": len(refused),
        "answer_writers": sorted(
            {answer.writer for name in SPLITS for block in blocks[name] for answer in block.answers}
        ),
        "files": files,
        "data_hash": content_id(files),
    }
    return Manifest.model_validate(values)


def _by_origin(target: AlignmentTarget) -> dict[str, int]:
    origins = sorted({card.origin for card in target.cards})
    return {origin: sum(card.origin == origin for card in target.cards) for origin in origins}

"""Model to evidence: does the answer change for the right reason when the system message changes?

Rule: no judge and no sampling. Everything follows from log-probabilities of the test blocks, every table holds the
lexical baseline, and where templates wrote the answers the result is called a pipeline check: word copying is enough
to pass it.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.engine.controls import empty_message, foreign_messages, paraphrase, shuffled_messages
from training.engine.dataset import Manifest, read_manifest
from training.engine.errors import FileProblem
from training.engine.files import read_json, write_json, write_text
from training.engine.lexical import TfIdf, lexical_scores, texts_of, words
from training.engine.metrics import Clusters, Floats, cluster, estimate, measures
from training.engine.recipe import EvaluationSettings, load_recipe
from training.engine.report import tables
from training.engine.rows import TEST_SPLITS, Block, read_blocks
from training.engine.scoring import ModelScorer, Scores
from training.engine.train import prepare_machine, training_texts
from training.engine.weights import first_model, load_run_model

FORMAT_VERSION = 1
PIPELINE_CHECK = "pipeline check"
WORD_MATCHING_POINTS = 0.05
NOT_DISTINGUISHABLE = "not distinguishable from word matching"
NOT_RUN = (
    "unrelated value of the same length",
    "message stating the opposite",
    "answers by a different writer than the training answers, and human pairs",
    "SFT only and unpaired DPO on the same data",
)

Scorer = Callable[[Sequence[tuple[str, str, str]]], tuple[Scores, Scores]]


@dataclass(frozen=True)
class BlockScores:
    """Scores of a split's blocks. mean, sum, foreign, said_anew: (blocks, k, k); empty: (blocks, k)."""

    mean: Floats
    sum: Floats
    foreign: Floats
    said_anew: Floats
    empty: Floats


def evaluate(run: Path, *, data: Path, models_folder: Path | None = None) -> dict[str, Any]:
    """Evaluate a run on a dataset's test splits; write `evaluation.json` and `evaluation.txt` into the run folder.

    Raises
    ------
    FileProblem
        The run has no model, or was trained on other data.
    """
    if not (run / "model").is_dir():
        raise FileProblem(f"{run} holds no model. Train it to the end first; status.json says how far it came.")
    manifest = read_manifest(data)
    if read_json(run / "environment.json")["data_hash"] != manifest.data_hash:
        raise FileProblem(f"{run} was trained on other data than {data}. Name the folder that it was trained on.")
    recipe = load_recipe(run / "recipe.yaml")
    prepare_machine(recipe)
    train = read_blocks(data, split="train")
    base, template = first_model(recipe, texts=training_texts(train), models_folder=models_folder)
    untrained = ModelScorer(base, template=template, batch=recipe.evaluation.batch)
    model, template = load_run_model(run / "model", max_length=recipe.max_length)
    trained = ModelScorer(model, template=template, batch=recipe.evaluation.batch)
    tfidf = TfIdf(texts_of(train))
    splits = {}
    for name in TEST_SPLITS:
        blocks = read_blocks(data, split=name)
        splits[name] = evaluate_blocks(
            blocks, scorer=trained, untrained=untrained, tfidf=tfidf, settings=recipe.evaluation, seed=recipe.seed
        )
    evaluation = _heading(manifest, run=run, recipe_name=recipe.name, seed=recipe.seed) | {"splits": splits}
    write_json(run / "evaluation.json", evaluation)
    write_text(run / "evaluation.txt", tables(evaluation))
    return evaluation


def evaluate_blocks(
    blocks: list[Block],
    *,
    scorer: Scorer,
    untrained: Scorer,
    tfidf: TfIdf,
    settings: EvaluationSettings,
    seed: int,
) -> dict[str, Any]:
    """Return the results, controls and verdict of one split as plain data."""
    clusters = cluster([block.prompt for block in blocks], cards=[_cards(block) for block in blocks])
    scores = score_blocks(blocks, scorer=scorer, seed=seed)
    before, _ = _score(blocks, [[m.text for m in block.messages] for block in blocks], untrained)
    results = {
        "model": _estimates(scores.mean, clusters, settings, seed),
        "model, summed log-probability": _estimates(scores.sum, clusters, settings, seed),
        "model, relative to untrained": _estimates(scores.mean - before, clusters, settings, seed),
        "untrained": _estimates(before, clusters, settings, seed),
        "lexical baseline": _estimates(lexical_scores(blocks, tfidf=tfidf), clusters, settings, seed),
    }
    return {
        "blocks": len(blocks),
        "pairs": int(measures(scores.mean)["reversal"].size),
        "prompts": len({block.prompt for block in blocks}),
        "values": len({card for block in blocks for card in _cards(block)}),
        "answer_length_ratio": _length_ratio(blocks),
        "results": results,
        "controls": _controls(scores, clusters, settings, seed),
        "verdict": verdict(results["model"]["reversal"]["value"], results["lexical baseline"]["reversal"]["value"]),
        "by_value": _by_value(blocks, scores.mean),
        "by_context": _by_context(blocks, scores.mean),
    }


def score_blocks(blocks: list[Block], *, scorer: Scorer, seed: int) -> BlockScores:
    """Score the blocks' own messages, paraphrases, messages of other blocks, and the empty message."""
    own = [[message.text for message in block.messages] for block in blocks]
    anew = [[message.paraphrase or message.text for message in block.messages] for block in blocks]
    donors = _donors(blocks, seed=seed)
    mean, total = _score(blocks, own, scorer)
    return BlockScores(
        mean=mean,
        sum=total,
        foreign=_score(blocks, [own[donor] for donor in donors], scorer)[0],
        said_anew=_score(blocks, anew, scorer)[0],
        empty=_score(blocks, [[""] for _ in blocks], scorer)[0][:, 0, :],
    )


def verdict(model: float, lexical: float, /) -> str:
    """Say how a reversal accuracy stands beside word matching.

    >>> verdict(0.99, 0.97), verdict(0.4, 1.0)
    ('not distinguishable from word matching', '60 points below word matching')
    """
    points = 100 * (model - lexical)
    if abs(points) < 100 * WORD_MATCHING_POINTS:
        return NOT_DISTINGUISHABLE
    return f"{abs(points):.0f} points {'above' if points > 0 else 'below'} word matching"


def _score(blocks: list[Block], messages: list[list[str]], scorer: Scorer) -> tuple[Floats, Floats]:
    triples = [
        (message, block.prompt, answer.text)
        for block, own in zip(blocks, messages, strict=True)
        for message in own
        for answer in block.answers
    ]
    mean, total = scorer(triples)
    shape = (len(blocks), len(messages[0]), len(blocks[0].answers))
    return mean.reshape(shape), total.reshape(shape)


def _donors(blocks: list[Block], *, seed: int) -> list[int]:
    """Choose for each block another one whose values it does not share, or as few as possible."""
    source = random.Random(f"{seed}:donors")
    donors = []
    for place, block in enumerate(blocks):
        others = [other for other in range(len(blocks)) if other != place] or [place]
        source.shuffle(others)
        mine = set(_cards(block))
        donors.append(min(others, key=lambda other: len(mine & set(_cards(blocks[other])))))
    return donors


def _estimates(scores: Floats, clusters: Clusters, settings: EvaluationSettings, seed: int) -> dict[str, Any]:
    return {
        name: asdict(estimate(outcomes, clusters=clusters, draws=settings.draws, seed=seed))
        for name, outcomes in measures(scores).items()
    }


def _controls(scores: BlockScores, clusters: Clusters, settings: EvaluationSettings, seed: int) -> dict[str, Any]:
    mean, draws = scores.mean, settings.draws
    return {
        "shuffled_messages": asdict(shuffled_messages(mean, draws=draws, seed=seed)),
        "foreign_messages": asdict(foreign_messages(scores.foreign, clusters=clusters, draws=draws, seed=seed)),
        "empty_message": asdict(empty_message(mean, empty=scores.empty, clusters=clusters, draws=draws, seed=seed)),
        "paraphrase": asdict(paraphrase(mean, said_anew=scores.said_anew, clusters=clusters, draws=draws, seed=seed)),
    }


def _heading(manifest: Manifest, *, run: Path, recipe_name: str, seed: int) -> dict[str, Any]:
    is_check = "template" in manifest.answer_writers
    reason = "Templates wrote the answers from the words of the message: copying words is enough to pass."
    return {
        "format_version": FORMAT_VERSION,
        "kind": PIPELINE_CHECK if is_check else "evaluation",
        "kind_reason": reason if is_check else "",
        "labels": manifest.labels,
        "study": manifest.study,
        "data_hash": manifest.data_hash,
        "recipe": recipe_name,
        "seed": seed,
        "run": run.name,
        "cards": manifest.cards,
        "controls_not_run": list(NOT_RUN),
    }


def _cards(block: Block) -> list[str]:
    return [message.card for message in block.messages]


def _length_ratio(blocks: list[Block]) -> float:
    lengths = [[len(words(answer.text)) for answer in block.answers] for block in blocks]
    return float(np.mean([max(block) / min(block) for block in lengths]))


def _by_value(blocks: list[Block], scores: Floats) -> dict[str, dict[str, float]]:
    """Return the reversal of the pairs that each value takes part in."""
    outcomes = measures(scores)["reversal"]
    numbers: dict[str, list[float]] = {}
    for block, row in zip(blocks, outcomes, strict=True):
        cards = _cards(block)
        pairs = [(a, b) for a in range(len(cards)) for b in range(a + 1, len(cards))]
        for (a, b), outcome in zip(pairs, row, strict=True):
            numbers.setdefault(cards[a], []).append(float(outcome))
            numbers.setdefault(cards[b], []).append(float(outcome))
    return {card: {"pairs": len(found), "reversal": sum(found) / len(found)} for card, found in sorted(numbers.items())}


def _by_context(blocks: list[Block], scores: Floats) -> dict[str, dict[str, float]]:
    outcomes = measures(scores)["reversal"]
    numbers: dict[str, list[float]] = {}
    for block, row in zip(blocks, outcomes, strict=True):
        if block.context is not None:
            numbers.setdefault(block.context, []).extend(row.tolist())
    return {name: {"pairs": len(found), "reversal": sum(found) / len(found)} for name, found in sorted(numbers.items())}

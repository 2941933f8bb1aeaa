"""A whole release that never happened: PRISM's tables, nobody's words.

Rule: everything says that it is synthetic: the folder (SYNTHETIC, README.md, release.json), and every free text. What
is true of it stands in truth.json, for tests of analyses.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from elicit.prism.files import Release, line_of, write_checksums, write_lines, write_release
from elicit.prism.synthetic.flags import Flags
from elicit.prism.synthetic.minds import Minds, exposures, think, truth_of
from elicit.prism.synthetic.people import People, draw_people
from elicit.prism.synthetic.plan import Plan, counts_of, draw_plan
from elicit.prism.synthetic.rows import Conversations, draw_talks, model_rows, representative_flags, survey_row
from elicit.prism.synthetic.words import Words

Row = dict[str, Any]
MARKER = "SYNTHETIC"
TRUTH = "truth.json"
CARD = """# A synthetic release in the form of PRISM

Nobody took part in this. Every person, text, score and flag was made up by `manage.py synthesize_prism`
({participants:,} participants, seed {seed}). Counts follow the tables that the PRISM Alignment Project published
(arXiv 2404.16019); no row and no word comes from it. Every free text begins with `[synthetic]`.

Use it to try importers, analyses and pages. Do not use it to learn anything about people or about models: what it says
of them was put in by hand and stands in `truth.json`.

| file | rows |
|---|---|
{table}
"""


@dataclass(frozen=True)
class Written:
    """How many rows a synthetic release has, by file."""

    survey: int
    conversations: int
    utterances: int
    metadata: int
    models: int


def synthesize(folder: Path, *, participants: int = 1500, seed: int = 0) -> Written:
    """Write a synthetic release into a folder that is new or empty; return how many rows each file has.

    The same numbers give the same bytes. With 1,500 participants all counts are those of PRISM. Texts are streamed, so
    that memory hardly grows with the number. Raises ValueError for no participants, FileExistsError for a full folder.
    """
    if participants < 1:
        raise ValueError("A release needs at least one participant.")
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty. Name a new folder.")
    sources = [np.random.default_rng([seed, part]) for part in range(6)]
    people = draw_people(participants, sources[0])
    plan = draw_plan(participants, exposures(), sources[1])
    minds = think(people, plan, sources[2])
    written = _write_rows(folder, people, plan, minds, sources[3:])
    _write_about(folder, people, minds, written, seed)
    write_checksums(folder)
    return written


def _write_rows(folder: Path, people: People, plan: Plan, minds: Minds, sources: list[np.random.Generator]) -> Written:
    words, counts = Words(sources[0]), counts_of(plan)
    conversations = Conversations(plan, minds, draw_talks(plan, sources[1]), words)
    sizes = {
        "model_response": counts["utterances"],
        "user_prompt": counts["interactions"],
        "open_feedback": counts["conversations"],
        "self_description": len(people),
        "system_string": len(people),
    }
    marks, subsets = Flags(sizes, sources[2]), _subsets(people, plan, sources[1])
    with ExitStack() as stack:
        files = {
            name: stack.enter_context((folder / f"{name}.jsonl").open("w", encoding="ascii", newline="\n"))
            for name in ("survey", "conversations", "utterances", "metadata")
        }
        for person in range(len(people)):
            survey = survey_row(people, person, plan, subsets, words)
            files["survey"].write(line_of(survey))
            files["metadata"].writelines(map(line_of, marks.of_survey(survey)))
            talks = conversations.of(person, people.columns["recorded"][person])
            _write_talks(files, talks, marks)
    return Written(
        survey=len(people),
        conversations=counts["conversations"],
        utterances=counts["utterances"],
        metadata=sum(sizes.values()),
        models=write_lines(folder / "models.jsonl", model_rows()),
    )


def _write_talks(files: Mapping[str, TextIO], talks: Iterator[tuple[Row, list[Row]]], marks: Flags) -> None:
    for conversation, utterances in talks:
        files["conversations"].write(line_of(conversation))
        files["utterances"].writelines(map(line_of, utterances))
        files["metadata"].writelines(map(line_of, marks.of_conversation(conversation, utterances)))


def _subsets(people: People, plan: Plan, rng: np.random.Generator) -> dict[str, Any]:
    balanced = np.zeros(len(people), dtype=bool)
    balanced[plan.person[plan.is_balanced]] = True
    return {"balanced": balanced} | representative_flags(people, balanced, rng)


def _write_about(folder: Path, people: People, minds: Minds, written: Written, seed: int) -> None:
    table = "\n".join(f"| `{name}.jsonl` | {count:,} |" for name, count in vars(written).items())
    (folder / "README.md").write_text(CARD.format(participants=len(people), seed=seed, table=table), "utf-8")
    (folder / MARKER).write_text("Nobody took part in this. See README.md.\n", "utf-8")
    truth = json.dumps(truth_of(minds, people), indent=1, sort_keys=True)
    (folder / TRUTH).write_text(truth + "\n", "utf-8")
    created_by = f"synthesize_prism, {len(people)} participants, seed {seed}"
    write_release(folder, Release(synthetic=True, created_by=created_by, title="Synthetic release"))

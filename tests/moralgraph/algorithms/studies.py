"""Short ways to write judgements down in tests."""

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from moralgraph.algorithms.records import ANSWERS, MGE_VERDICTS, Answer, Judgements

SYNTHETIC = Path(__file__).parents[2] / "fixtures" / "mge_synthetic"
WORK = "at work"
HOME = "at home"

Asked = tuple[str, str, str, str, int]


def judged(*asked: Asked) -> Judgements:
    """Make judgements of (first, second, context, answer, how many people); everyone is asked once."""
    rows = [row[:4] for row in asked for _ in range(row[4])]
    first, second, context, answer = zip(*rows, strict=True) if rows else ((), (), (), ())
    people = [f"person {number:03}" for number in range(len(rows))]
    return Judgements.from_columns(participant=people, first=first, second=second, context=context, answer=answer)


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "judgements.jsonl").read_text(encoding="utf-8").splitlines()]


def read_study(folder: Path) -> Judgements:
    rows = rows_of(folder)
    return Judgements.from_columns(
        participant=[row["participant"] for row in rows],
        first=[row["from_card"] for row in rows],
        second=[row["to_card"] for row in rows],
        context=[row["context"] for row in rows],
        answer=[MGE_VERDICTS[row["verdict"]] for row in rows],
    )


def wiser(first: str, second: str, people: int, context: str = WORK) -> Asked:
    return (first, second, context, Answer.WISER, people)


def about_equal(first: str, second: str, people: int, context: str = WORK) -> Asked:
    return (first, second, context, Answer.ABOUT_EQUAL, people)


rows = st.tuples(
    st.sampled_from("abcd"),
    st.sampled_from("efgh"),
    st.sampled_from([WORK, HOME]),
    st.sampled_from(ANSWERS),
    st.just(1),
)
studies = st.lists(rows, min_size=1, max_size=60)

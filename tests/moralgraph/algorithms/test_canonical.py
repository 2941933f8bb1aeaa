"""The canonical order of judgements depends on the answers alone."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from moralgraph.algorithms.canonical import in_canonical_order
from moralgraph.algorithms.records import ANSWERS, Judgements

ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from("abc"), st.sampled_from("de"), st.sampled_from(ANSWERS[:2])),
    min_size=1, max_size=12,
)  # fmt: skip


def columns(rows: list[tuple[int, str, str, str]], names: list[str]) -> Judgements:
    people, first, second, answer = zip(*rows, strict=True)
    return Judgements.from_columns(
        participant=[names[person] for person in people], first=first, second=second, context=["c"] * len(rows),
        answer=answer, order=[1] * len(rows),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(ROWS, st.permutations(["p", "q", "r", "s"]), st.randoms(use_true_random=False))
def test_names_of_people_and_the_order_of_rows_change_nothing(rows, names, chance):
    shuffled = chance.sample(rows, len(rows))
    one, other = columns(rows, ["p", "q", "r", "s"]), columns(shuffled, list(names))
    assert in_canonical_order(one).judgements.fingerprint() == in_canonical_order(other).judgements.fingerprint()


def test_the_order_of_the_source_comes_first():
    judgements = Judgements.from_columns(
        participant=["x", "x"], first=["b", "a"], second=["c", "c"], context=["c"] * 2, answer=["wiser"] * 2,
        order=[1, 2],
    )  # fmt: skip
    found = in_canonical_order(judgements).judgements
    assert [found.cards[code] for code in found.first] == ["b", "a"]


def test_the_new_number_of_each_person_is_told():
    judgements = Judgements.from_columns(
        participant=["x", "y"], first=["b", "a"], second=["c", "c"], context=["c"] * 2, answer=["wiser"] * 2,
        order=[1, 1],
    )  # fmt: skip
    found = in_canonical_order(judgements)
    assert found.number.tolist() == [1, 0]
    assert np.array_equal(found.judgements.participant, [0, 1])


def test_no_judgements_have_an_order_too():
    empty = Judgements.from_columns(participant=(), first=(), second=(), context=(), answer=())
    assert len(in_canonical_order(empty).judgements) == 0

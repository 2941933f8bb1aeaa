"""The benchmark measures what it says, on few worlds as on many."""

import numpy as np
import pytest

from benchmarks.known_truth import JUDGEMENTS, Cell, measured, needed, print_cell, ratio_at
from moralgraph.algorithms.known_truth.collecting import Design


def firsts(*shares: float, worlds: int = 100) -> np.ndarray:
    return np.array([np.arange(worlds) < share * worlds for share in shares])


@pytest.fixture(scope="module")
def cells() -> list[Cell]:
    return [measured(0, design, 3, 1, (50,)) for design in Design]


def test_judgements_needed_are_read_between_the_numbers_measured():
    found = needed(firsts(0.2, 0.4, 0.6, 0.8, 1.0), 0.7)
    assert found == pytest.approx(np.sqrt(JUDGEMENTS[2] * JUDGEMENTS[3]))


def test_a_design_that_knows_as_much_with_a_third_needs_a_third():
    uniform, active = firsts(0.2, 0.4, 0.6, 0.8, 1.0), firsts(0.4, 0.6, 0.8, 1.0, 1.0)
    level, ratio = ratio_at(uniform, active)
    assert level == 0.8
    assert ratio == pytest.approx(500 / 1500)


def test_designs_are_compared_at_what_uniform_reaches():
    assert ratio_at(firsts(0.1, 0.2, 0.3, 0.4, 0.5), firsts(0.1, 0.2, 0.3, 0.5, 0.6))[0] == 0.5


def test_both_designs_see_the_same_worlds(cells):
    assert np.array_equal(cells[0].truths.strength, cells[1].truths.strength, equal_nan=True)


def test_a_table_names_each_method_and_number(cells, capsys):
    print_cell(cells[0], (50,))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[4:]] == ["classic", "repaired", "Bradley-Terry"]
    assert all(line.split()[1] == "50" for line in lines[4:])

import doctest
import importlib
import pkgutil

import pytest

from moralgraph import algorithms

MODULES = sorted(found.name for found in pkgutil.walk_packages(algorithms.__path__, "moralgraph.algorithms."))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_docstrings_run(name: str):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_package_has_examples():
    finder = doctest.DocTestFinder()
    modules = [importlib.import_module(name) for name in MODULES]
    assert sum(len(found.examples) > 0 for module in modules for found in finder.find(module)) >= 15

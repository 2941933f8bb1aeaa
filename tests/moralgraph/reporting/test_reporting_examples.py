"""The examples in the docstrings of the report's pure part run."""

import doctest
import importlib
import pkgutil

import pytest

from moralgraph import reporting

MODULES = sorted(found.name for found in pkgutil.walk_packages(reporting.__path__, "moralgraph.reporting."))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_docstrings_run(name: str):
    tried = doctest.testmod(importlib.import_module(name))
    assert tried.failed == 0
    assert tried.attempted > 0

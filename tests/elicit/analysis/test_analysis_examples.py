import doctest
import importlib
import pkgutil

import pytest

from elicit import analysis

MODULES = sorted(found.name for found in pkgutil.walk_packages(analysis.__path__, "elicit.analysis."))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_docstrings_run(name: str):
    assert doctest.testmod(importlib.import_module(name)).failed == 0

import doctest
import importlib
import pkgutil

import pytest

import elicit.prism

NAMES = [found.name for found in pkgutil.walk_packages(elicit.prism.__path__, "elicit.prism.")]


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_run(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0

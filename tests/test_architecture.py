"""The rules of docs/architecture.md that no linter knows."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("config", "elicit", "moralgraph", "training")
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
LONGEST_ENGINE_FUNCTION = 60
SOURCES = sorted(
    path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts
)
EDGES = [
    path
    for path in SOURCES
    if "views" in path.parts or "management" in path.parts or path.name in {"tasks.py", "api.py", "views.py"}
]
ORM_WRITE = re.compile(
    r"\.(save|delete|create|update_or_create|get_or_create|bulk_create|bulk_update)\(|objects\.[^\n]*\.update\("
)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported_by(statement: str) -> set[str]:
    """Return the modules loaded by a fresh interpreter after one statement."""
    script = f"{statement}\nimport sys; print('\\n'.join(sys.modules))"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_files_and_functions_stay_short(path: Path):
    text = path.read_text()
    longest = LONGEST_ENGINE_FUNCTION if "engine" in path.parts else LONGEST_FUNCTION
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    too_long = [f.name for f in functions if f.end_lineno - f.lineno + 1 > longest]
    assert text.count("\n") <= LONGEST_FILE, f"{named(path)} is longer than {LONGEST_FILE} lines"
    assert not too_long, f"{named(path)}: {too_long} longer than {longest} lines"


@pytest.mark.parametrize("path", [p for p in SOURCES if p.read_text().strip()], ids=named)
def test_every_module_says_what_it_is_for(path: Path):
    assert ast.get_docstring(ast.parse(path.read_text())), f"{named(path)} has no docstring"


@pytest.mark.parametrize("path", EDGES, ids=named)
def test_views_tasks_and_commands_leave_writing_to_verbs(path: Path):
    lines = [line.strip() for line in path.read_text().splitlines() if ORM_WRITE.search(line)]
    written = [line for line in lines if "form" not in line.split("(")[0]]
    assert not written, f"{named(path)} writes to the database itself: {written}"


def test_django_setup_loads_no_model_library():
    loaded = imported_by("import django; django.setup()")
    assert "elicit.models" in loaded
    assert not {"torch", "transformers", "litellm", "trl", "openai"} & loaded


def test_the_urlconf_loads_no_model_library():
    loaded = imported_by("import django; django.setup(); import config.urls, config.asgi")
    assert not {"torch", "transformers", "litellm", "trl", "openai"} & loaded


PURE = [
    "moralgraph.algorithms",
    "training.engine",
    "elicit.guided",
    "elicit.instruments",
    "elicit.drawing",
    "elicit.analysis",
    "elicit.prism",
    "moralgraph.reporting",
]


@pytest.mark.parametrize("package", PURE)
def test_pure_packages_load_no_django(package: str):
    script = (
        f"import importlib, pkgutil; root = importlib.import_module('{package}')\n"
        "for found in pkgutil.iter_modules(getattr(root, '__path__', [])):\n"
        f"    found.name == '__main__' or importlib.import_module('{package}.' + found.name)"
    )
    loaded = imported_by(script)
    assert package in loaded
    assert not {"django", "celery", "config"} & loaded


def test_every_row_belongs_to_a_study_and_can_be_asked_for_by_role():
    own = [m for m in apps.get_models() if m._meta.app_label in PACKAGES]
    assert len(own) > 20
    for model in own:
        assert hasattr(model.objects, "visible_to"), f"{model.__name__} has no visible_to"


def test_every_state_is_a_constraint_or_a_choice():
    for model in apps.get_models():
        if model._meta.app_label not in PACKAGES:
            continue
        for field in model._meta.get_fields():
            if isinstance(field, models.CharField) and field.name in {"state", "origin", "role"}:
                assert field.choices, f"{model.__name__}.{field.name} has no choices"

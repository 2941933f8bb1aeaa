"""Settings, commands, prompts and recipes are all written down for people."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = sorted(set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "config" / "settings.py").read_text())))
COMMANDS = sorted(
    path.stem
    for package in ("elicit", "moralgraph", "training", "config")
    for path in (ROOT / package).glob("management/commands/*.py")
    if path.stem != "__init__"
)
PROMPTS = sorted(path.name for path in (ROOT / "templates" / "prompts").iterdir() if path.is_dir())
TARGETS = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)


def text_of(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_is_documented(setting: str):
    assert f"`{setting}`" in text_of("operations.md")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str):
    assert f"manage.py {command}" in text_of("operations.md")


@pytest.mark.parametrize("prompt", PROMPTS)
def test_every_prompt_is_documented(prompt: str):
    assert f"`{prompt}`" in text_of("operations.md")


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_is_in_the_readme(target: str):
    assert f"make {target}" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", ["alignment_target.json", "blocks", "recipe", "study file", "published moral graph"])
def test_every_file_format_is_documented(name: str):
    assert name in text_of("file_formats.md")


def test_no_local_link_of_the_documents_is_broken():
    broken = []
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text()):
            if not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []

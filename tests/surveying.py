"""A questionnaire with every kind of question, for tests of surveys and of their pages."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from elicit.instruments import loading
from elicit.models import Participant
from tests.make import make_consenting_participant, make_study

KINDS = """\
format_version: 1
key: kinds
title: Every kind of question
parts:
  - key: kinds
    title: Every kind
    items:
      - name: colour
        type: single
        text: Which colour?
        required: true
        options: [{value: red, label: Red}, {value: blue, label: Blue}, {value: none, label: Prefer not to say}]
      - name: shade
        type: text
        text: Which blue?
        required: true
        max_chars: 100
        show_if: {all: [{item: colour, is_one_of: [blue]}]}
      - name: tools
        type: multi
        text: Which tools?
        randomise: true
        options:
          - {value: saw, label: A saw}
          - {value: axe, label: An axe}
          - {value: awl, label: An awl}
          - {value: other, label: Another, last: true, with_text: true}
      - {name: home, type: country, text: "Which country?", refusable: true}
      - name: trust
        type: slider
        text: How much do you trust?
        randomise: true
        required: true
        refusable: true
        low: Not at all
        high: Fully
        options: [{value: people, label: People}, {value: papers, label: Papers}, {value: programs, label: Programs}]
      - {name: years, type: number, text: "How many years?", max: 120, unit: years, refusable: true, dont_know: true}
      - name: habits
        type: matrix
        text: How often?
        options: [{value: walk, label: Walking}, {value: sing, label: Singing}]
        scale: [{value: never, label: Never}, {value: some, label: Sometimes}, {value: often, label: Often}]
      - {name: story, type: text, text: "What happened?", max_chars: 400, refusable: true}
  - key: mixed
    title: Mixed
    randomise: true
    items:
      - {name: one, type: text, text: "One?", max_chars: 50}
      - {name: two, type: text, text: "Two?", max_chars: 50}
      - {name: three, type: text, text: "Three?", max_chars: 50}
      - {name: four, type: text, text: "Four?", max_chars: 50}
"""
ANSWERED = {"colour": "red", "trust__people": "70", "trust__papers": "0", "trust__programs": "55"}


def use_kinds(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let studies ask every kind of question, beside what comes with the site."""
    for path in loading.FOLDER.glob("*.yaml"):
        shutil.copy(path, folder)
    (folder / "kinds.yaml").write_text(KINDS)
    monkeypatch.setattr(loading, "FOLDER", folder)


def make_asked(*, more: str = "survey: {instrument: kinds}", **changes: Any) -> Participant:
    """Make somebody whose next step is the survey; `changes` are made to them."""
    study = make_study(steps="consent, survey, closing", more=f"{more}\nclosing: {{instrument: closing}}\n")
    person = make_consenting_participant(study)
    Participant.objects.filter(pk=person.pk).update(**changes or {"seed": 1})
    person.refresh_from_db()
    return person

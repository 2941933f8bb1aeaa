"""Small makers of rows for tests: each makes one thing, with everything that it needs."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client

from elicit.consent import record_consent
from elicit.models import Participant, Study, StudyVersion, ValuesCard
from elicit.participants import add_participant, begin, create_link
from elicit.roles import add_member
from elicit.studies import load_study, open_study
from moralgraph.models import CanonicalValuesCard, Context, Judgement

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_numbers = count(1)

STUDY = """\
format_version: 1
slug: {slug}
title: A study for tests
languages: [en]
minutes: 10
contact: {{name: The team, email: team@example.org}}
welcome: Welcome to the study.
completion: You have reached the end.
consent:
  version: "1"
  items:
    - {{key: take_part, text: I want to take part., required: true, purpose: take_part}}
    - {{key: explore, text: My card may be looked at., purpose: explore}}
    - {{key: train, text: My card may be used for training., purpose: train}}
  details: Everything is kept under a random number.
help:
  links: [{{name: A helpline for tests, phone: "123"}}]
  distress: {{sentence: That sounds heavy. You can stop here.}}
steps: [{steps}]
questions:
  - {{key: night, title: A message at night, text: Somebody writes at night and asks for nothing.}}
  - {{key: choice, title: A hard choice, text: Somebody has to choose between two duties.}}
contexts:
  - {{key: tired, text: When someone is tired, questions: [night, choice]}}
"""
DEFAULT_STEPS = "consent, interview, values_card"


def study_text(*, slug: str = "tests", steps: str = DEFAULT_STEPS, more: str = "") -> str:
    """Return the text of a small study file; `more` is appended."""
    return STUDY.format(slug=slug, steps=steps) + more


def make_study(*, slug: str = "", steps: str = DEFAULT_STEPS, more: str = "", is_open: bool = True) -> Study:
    """Load a small study and open it."""
    study = load_study(study_text(slug=slug or f"study-{next(_numbers)}", steps=steps, more=more), now=NOW)
    return open_study(study) if is_open else study


def make_version(study: Study, **changes: Any) -> StudyVersion:
    """Add a version whose content differs by `changes`."""
    version = study.current_version
    return StudyVersion.objects.create(
        study=study, number=version.number + 1, content=version.content | changes, design_hash="changed"
    )


def make_participant(study: Study | None = None, *, origin: str = "person", seed: int = 1) -> Participant:
    """Add a participant who has not begun."""
    return add_participant(study or make_study(), origin=origin, language="en", seed=seed, now=NOW)


def make_begun_participant(study: Study | None = None) -> Participant:
    """Add a participant who has pressed "Begin" and has not been asked for anything."""
    return begin(make_participant(study), language="en", now=NOW)


def make_consenting_participant(study: Study | None = None, **answers: bool) -> Participant:
    """Add a participant who takes part and also grants what `answers` says."""
    participant = make_participant(study)
    record_consent(participant, {"take_part": True, **answers}, now=NOW)
    return participant


def make_member(*, study: Study | None = None, role: str = "organizer", username: str = "") -> User:
    """Make a user with a role in a study."""
    user = get_user_model().objects.create_user(username or f"user-{next(_numbers)}", password="not a real secret")
    add_member(study or make_study(), user=user, role=role)
    return user


def make_browser(participant: Participant) -> Client:
    """Return a client that has opened the participant's personal link."""
    client = Client()
    client.get(f"/join/{create_link(participant, now=NOW)}/")
    return client


def make_confirmed_card(
    participant: Participant | None = None, *, title: str = "Staying close", **fields: Any
) -> ValuesCard:
    """Make a confirmed card of a participant, past the steps that lead to it."""
    author = participant or make_participant()
    given = {
        "description": "I stay near.",
        "policies": ["Silences that leave room", "Words the person returns to", "Hours that are hardest"],
    }
    return ValuesCard.objects.create(
        study=author.study, participant=author, title=title, origin=author.origin,
        state=ValuesCard.State.CONFIRMED, confirmed_at=NOW, **{**given, **fields},
    )  # fmt: skip


def make_canonical_card(study: Study, *, title: str = "Staying close", **fields: Any) -> CanonicalValuesCard:
    """Make a node of a study's graph: a seed, unless `fields` says otherwise."""
    given = {"description": "I stay near.", "policies": [f"Signs of {title}"], "content_id": title, **fields}
    return CanonicalValuesCard.objects.create(study=study, title=title, **given)


def make_judgements(
    study: Study, *, wiser: int, of: int, first: str = "Plain", second: str = "Deep", origin: str = "person"
) -> list[Judgement]:
    """Let `of` people who granted everything judge a pair of cards; `wiser` of them find the second wiser."""
    cards = {card.title: card for card in CanonicalValuesCard.objects.filter(study=study)}
    low, high = (cards.get(title) or make_canonical_card(study, title=title) for title in (first, second))
    context = Context.objects.get(study=study, key="tired")
    people = [make_consenting_participant(study, explore=True, train=True) for _ in range(of)]
    return [
        Judgement.objects.create(
            study=study, participant=person, context=context, first=low, second=high,
            lower=min(low.pk, high.pk), upper=max(low.pk, high.pk), number=1, origin=origin,
            answer="wiser" if number < wiser else "about_equal", answered_at=NOW,
        )
        for number, person in enumerate(people)
    ]  # fmt: skip

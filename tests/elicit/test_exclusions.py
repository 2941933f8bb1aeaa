"""Leaving somebody out of results: with a reason, and touching nothing else."""

import pytest

from elicit.errors import Conflict
from elicit.exclusions import ReasonMissing, exclude, include
from elicit.participants import withdraw
from tests.make import NOW, make_consenting_participant, make_member

pytestmark = pytest.mark.django_db


def test_an_exclusion_keeps_who_when_and_why():
    ada = make_member(username="ada")
    person = exclude(make_consenting_participant(), because=" Copied text ", by=ada, now=NOW)
    assert (person.excluded_because, person.excluded_by, person.excluded_at) == ("Copied text", ada, NOW)


def test_somebody_is_included_again():
    person = include(exclude(make_consenting_participant(), because="A slip", by=None, now=NOW))
    assert (person.excluded_because, person.excluded_by, person.excluded_at) == ("", None, None)


def test_an_exclusion_changes_nothing_that_they_said_or_may_do():
    person = make_consenting_participant()
    before = (person.ended, person.finished_at, person.consent_grants.count(), person.steps.count())
    exclude(person, because="Copied text", by=None, now=NOW)
    assert (person.ended, person.finished_at, person.consent_grants.count(), person.steps.count()) == before


@pytest.mark.parametrize("because", ["", "   ", "x" * 301])
def test_an_exclusion_needs_a_reason_that_fits(because):
    with pytest.raises(ReasonMissing):
        exclude(make_consenting_participant(), because=because, by=None, now=NOW)


def test_who_has_withdrawn_cannot_be_excluded():
    person = make_consenting_participant()
    withdraw(person, now=NOW)
    with pytest.raises(Conflict):
        exclude(person, because="Late", by=None, now=NOW)

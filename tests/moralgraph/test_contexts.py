"""Contexts: judged words stay, merging can be undone and changes no judgement, and organizers decide what is asked."""

import pytest

from elicit.errors import Conflict
from elicit.models import Study
from moralgraph.contexts import (
    add_context,
    context_mapping,
    merge_context,
    near_context,
    near_contexts,
    retire_context,
    reword_context,
    standing_contexts,
    use_context,
)
from moralgraph.models import Context
from tests.make import make_judgements, make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def tired(study: Study) -> Context:
    return Context.objects.get(study=study, key="tired")


def added(study: Study, text: str = "When somebody grieves", **more: object) -> Context:
    return add_context(study, {"en": text}, source="organizer", **more)


def test_an_added_context_gets_a_key_of_its_words_and_the_last_place(study: Study) -> None:
    first, second = added(study, "When it is late"), added(study, "When it is late, and dark")
    assert (first.key, second.key) == ("it_is_late", "it_is_late_and_dark")
    assert second.position > first.position > 0


def test_a_key_that_is_taken_gets_a_number(study: Study) -> None:
    added(study, "When it is late")
    assert add_context(study, {"de": "It is late"}, source="organizer").key == "it_is_late_2"


def test_words_in_letters_without_a_key_get_one(study: Study) -> None:
    assert added(study, "عندما يكون الوقت متأخراً").key == "context"


def test_the_same_words_are_not_added_twice(study: Study) -> None:
    with pytest.raises(Conflict, match="already"):
        added(study, "when someone is TIRED.")


@pytest.mark.parametrize("text", ["", "   ", "When " + "x" * 200])
def test_a_context_has_words_and_not_too_many(study: Study, text: str) -> None:
    with pytest.raises(Conflict):
        added(study, text)


def test_a_context_is_reworded_until_somebody_judged(study: Study, tired: Context) -> None:
    assert reword_context(tired, {"en": "When someone is worn out"}).text == {"en": "When someone is worn out"}
    make_judgements(study, wiser=1, of=1)
    with pytest.raises(Conflict, match="have judged"):
        reword_context(tired, {"en": "When someone is weary"})


def test_a_merged_context_counts_where_it_was_merged_and_the_merge_is_undone(study: Study, tired: Context) -> None:
    other, third = added(study), added(study, "When somebody has lost a friend")
    merge_context(third, into=other)
    merge_context(other, into=tired)
    assert set(context_mapping(study).values()) == {"tired"}
    assert {context.key for context in standing_contexts(study).values()} == {"tired"}
    use_context(other)
    assert context_mapping(study)[third.key] == other.key and context_mapping(study)["tired"] == "tired"


def test_contexts_are_merged_neither_in_a_ring_nor_across_studies(study: Study, tired: Context) -> None:
    other = added(study)
    merge_context(other, into=tired)
    for into in (tired, other, added(make_study())):
        with pytest.raises(Conflict):
            merge_context(tired, into=into)


def test_a_merge_brings_the_questions_along(study: Study, tired: Context) -> None:
    other = added(study)
    merge_context(tired, into=other)
    assert other.questions.count() == 2


def test_a_retired_and_a_proposed_context_are_asked_about_nowhere(study: Study, tired: Context) -> None:
    added(study, state="proposed")
    retire_context(tired)
    assert standing_contexts(study) == {}
    assert context_mapping(study)["tired"] == "tired"


def test_contexts_that_share_their_words_are_found(study: Study) -> None:
    near = added(study, "When someone is very tired")
    added(study, "When two duties collide")
    [pair] = near_contexts(study)
    assert {pair.first.key, pair.second.key} == {"tired", near.key}
    assert near_context(study, "When someone is so tired").key in {"tired", near.key}
    assert near_context(study, "When money is short") is None

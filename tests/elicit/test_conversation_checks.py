"""A design of rated conversations that cannot work is refused, with the line and the fix."""

import pytest

from elicit.study_files import StudyFileError, load_study_file
from tests.elicit.rated import ANCHORS, DESIGN
from tests.make import study_text


def problems(*, count=2, quotas=("", ""), more="", steps="consent, conversations", survey=""):
    design = DESIGN.format(count=count, first=quotas[0], second=quotas[1], more=more) + survey
    try:
        load_study_file(study_text(steps=steps, more=design))
    except StudyFileError as error:
        return [(problem.path, problem.what) for problem in error.problems]
    return []


def test_quotas_that_add_up_are_fine():
    assert problems(quotas=(", count: 1", ", count: 1"), more=ANCHORS.format(count=2)) == []


def test_quotas_add_up_to_the_number_of_conversations():
    assert problems(count=3, quotas=(", count: 1", ", count: 1")) == [
        ("conversation.count", "the counts of the types make 2, but there are 3 conversations")
    ]


def test_all_types_have_a_quota_or_none():
    [(path, _what)] = problems(quotas=(", count: 2", ""))
    assert path == "conversation.types[1].count"


def test_nobody_needs_more_turns_than_there_are():
    [(path, what)] = problems(more="  least_turns: 3")
    assert path == "conversation.least_turns" and "3" in what and "2" in what


@pytest.mark.parametrize(
    ("more", "where"),
    [
        (ANCHORS.format(count=3), "conversation.anchors.count"),
        (ANCHORS.format(count=1).replace("type: values_guided", "type: controversy_guided"),
         "conversation.anchors.prompts[2].type"),
        (ANCHORS.format(count=1).replace("key: two", "key: one"), "conversation.anchors.prompts[1].key"),
    ],
)  # fmt: skip
def test_shared_prompts_fit_the_conversations(more, where):
    assert [path for path, _what in problems(more=more)] == [where]


def test_nobody_can_be_given_more_shared_prompts_than_their_quotas_hold():
    more = ANCHORS.format(count=2).replace("type: values_guided", "type: unguided")
    [(path, what)] = problems(quotas=(", count: 1", ", count: 1"), more=more)
    assert path == "conversation.anchors.count" and "1 at most" in what


@pytest.mark.parametrize(
    ("steps", "survey"),
    [
        ("consent, conversations", ""),
        ("consent, conversations, survey", "survey: {instrument: prism}\n"),
        ("consent, survey, conversations", "survey: {instrument: prism, parts: [use]}\n"),
    ],
)
def test_own_instructions_are_asked_for_before_the_conversations(steps, survey):
    found = problems(more="  own_instructions: 0.5", steps=steps, survey=survey)
    assert [path for path, _what in found] == ["conversation.own_instructions"]


def test_own_instructions_after_the_survey_are_fine():
    survey = "survey: {instrument: prism}\n"
    assert problems(more="  own_instructions: 0.5", steps="consent, survey, conversations", survey=survey) == []

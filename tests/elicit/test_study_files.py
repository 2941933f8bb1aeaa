"""A study file is used whole, or it is an error that names the line and the fix."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from elicit.instruments import load_instrument
from elicit.instruments.schema import Instrument, Item
from elicit.local_text import LocalText
from elicit.study_files import (
    ConversationDesign,
    InterviewDesign,
    StudyDesign,
    StudyFileError,
    design_as_data,
    design_from_data,
    design_hash,
    load_study_file,
)

DEMO = Path(__file__).parents[2] / "studies" / "demo.yaml"

ASKED_AGAIN = "survey: {instrument: prism}\nclosing: {instrument: prism, parts: [use]}"

SMALL = """\
format_version: 1
slug: small
title: A small study
welcome: Welcome.
contact: {name: Us, email: us@example.org}
languages: [en]
minutes: 5
consent:
  version: "1"
  items:
    - {key: take_part, text: Yes I do, purpose: take_part, required: true}
  details: All of it.
steps: [consent, interview, values_card, judgements]
questions:
  - {key: care, title: Care, text: "What then?"}
contexts:
  - {key: tired, text: When someone is tired, questions: [care]}
seed_cards:
  - {key: rest, title: Rest, description: I rest., policies: [Beds nearby, Pauses in a day, Evenings at home]}
  - {key: walk, title: Walk, description: I walk., policies: [Paths nearby, Winds in a day, Evenings outside]}
upgrades:
  - {first: rest, second: walk, context: tired}
"""

CONVERSATION = """\
conversation:
  count: 1
  turns: 1
  models: [offline/plain, MODEL]
  types:
    - {key: unguided, title: A, text: B}
"""


def problems(text):
    with pytest.raises(StudyFileError) as caught:
        load_study_file(text)
    return caught.value.problems


def only_problem(old, new):
    assert old in SMALL
    found = problems(SMALL.replace(old, new))
    assert len(found) == 1, found
    return found[0]


def test_the_small_study_loads_with_its_defaults():
    design = load_study_file(SMALL)
    assert [step.kind for step in design.steps] == ["consent", "interview", "values_card", "judgements"]
    assert design.judgements.count == 5
    assert design.spend_cap_usd == Decimal(0)


def test_repeats_and_story_arms_have_defaults_and_are_read():
    assert load_study_file(SMALL).judgements.repeats == 0
    assert load_study_file(SMALL).judgements.stories == ["none", "one_sided", "reversed", "both_sided"]
    given = load_study_file(SMALL + "judgements: {count: 4, repeats: 1, stories: [none, both_sided]}\n").judgements
    assert (given.repeats, given.stories) == (1, ["none", "both_sided"])


@pytest.mark.parametrize(
    ("wrong", "path"),
    [("count: 2, repeats: 2", "judgements.repeats"), ("stories: [none, none]", "judgements.stories[1]"),
     ("stories: [loud]", "judgements.stories[0]"), ("stories: []", "judgements.stories")],
)  # fmt: skip
def test_wrong_repeats_and_arms_are_named(wrong, path):
    assert [problem.path for problem in problems(SMALL + f"judgements: {{{wrong}}}\n")] == [path]


def test_the_demo_study_is_as_large_as_it_says():
    design = load_study_file(DEMO)
    assert (len(design.questions), len(design.contexts), len(design.seed_cards)) == (3, 6, 12)
    assert len(design.upgrades) >= 12
    assert all(upgrade.story_forward and upgrade.story_reverse for upgrade in design.upgrades)


def test_the_demo_stories_are_about_equally_long_in_both_directions():
    for upgrade in load_study_file(DEMO).upgrades:
        forward, reverse = len(str(upgrade.story_forward).split()), len(str(upgrade.story_reverse).split())
        assert 0.75 < forward / reverse < 1.35, (upgrade.first, upgrade.second, forward, reverse)


def test_every_demo_policy_opens_with_a_plural_noun():
    from elicit.guided import CardDraft, check_card

    for card in load_study_file(DEMO).seed_cards:
        draft = CardDraft(str(card.title), str(card.description), tuple(map(str, card.policies)), ())
        assert check_card(draft) == []


def test_every_demo_context_can_be_judged():
    design = load_study_file(DEMO)
    assert {upgrade.context for upgrade in design.upgrades} == {context.key for context in design.contexts}


def test_a_misspelt_key_names_its_line_and_the_right_key():
    found = problems(SMALL.replace("minutes: 5", "minutes: 5\nwelcom: Hi"))
    assert [(problem.line, problem.path) for problem in found] == [(8, "welcom")]
    assert 'did you mean "welcome"?' in str(found[0])


def test_a_misspelt_key_deep_inside_is_found_too():
    problem = only_problem("second: walk, context: tired}", "second: walk, context: tired, story_foward: x}")
    assert (problem.line, problem.path) == (22, "upgrades[0].story_foward")
    assert 'did you mean "story_forward"?' in problem.fix


def test_all_problems_are_told_at_once_in_the_order_of_the_lines():
    text = SMALL.replace("minutes: 5", "minutes: five").replace("slug: small", "slug: Small Study")
    assert [problem.line for problem in problems(text)] == [2, 7]


def test_a_key_given_twice_is_refused():
    found = problems(SMALL + "minutes: 6\n")
    assert (found[0].line, found[0].what) == (23, "this key is given twice")
    assert "line 7" in found[0].fix


def test_an_unknown_seed_card_is_named_with_the_nearest():
    problem = only_problem("first: rest, second: walk", "first: rets, second: walk")
    assert (problem.line, problem.path) == (22, "upgrades[0].first")
    assert 'did you mean "rest"?' in str(problem)


def test_an_unknown_context_is_refused():
    assert only_problem("context: tired}", "context: sleepy}").path == "upgrades[0].context"


def test_a_context_needs_a_known_question():
    problem = only_problem("questions: [care]", "questions: [car]")
    assert (problem.line, problem.path) == (17, "contexts[0].questions[0]")


def test_a_context_is_a_situation():
    assert "When" in only_problem("text: When someone is tired", "text: Someone needs rest").fix


def test_an_unknown_step_lists_the_known_ones():
    problem = only_problem("[consent, interview,", "[consent, intervew,")
    assert (problem.line, problem.path) == (13, "steps[1].kind")
    assert 'did you mean "interview"?' in problem.fix


def test_nobody_sees_others_values_before_their_own():
    problem = only_problem(
        "[consent, interview, values_card, judgements]", "[consent, judgements, interview, values_card]"
    )
    assert problem.what == "judgements comes before interview"


def test_consent_comes_first():
    assert only_problem("[consent, interview, values_card", "[interview, consent, values_card").path == "steps[0]"


def test_a_survey_step_needs_an_instrument_that_exists():
    assert only_problem("judgements]", "judgements, survey]").what == "the step survey has no settings"
    found = problems(SMALL.replace("judgements]", "judgements, survey]") + "survey: {instrument: prisma}\n")
    assert 'did you mean "prism"?' in found[0].fix


def test_a_battery_exists():
    text = SMALL.replace("judgements]", "judgements, survey]") + "survey: {instrument: prism, batteries: [valuess]}\n"
    assert any('there is no instrument "valuess"' in problem.what for problem in problems(text))


@pytest.mark.parametrize("more", ["survey: {instrument: prism, batteries: [prism]}", ASKED_AGAIN])
def test_no_question_is_asked_twice_in_a_study(more: str):
    text = SMALL.replace("judgements]", "judgements, survey, closing]") + more + "\n"
    assert any("is asked by prism already" in problem.what for problem in problems(text))


def test_only_taking_part_may_be_required():
    item = "    - {key: train, text: Train, purpose: train, required: true}\n  details"
    assert only_problem("  details", item).path == "consent.items[1].required"


def test_a_consent_item_is_asked_once():
    item = "    - {key: take_part, text: Again, purpose: explore}\n  details"
    assert only_problem("  details", item).line == 12


def test_somebody_must_be_asked_whether_they_take_part():
    assert "take_part" in only_problem("purpose: take_part, required: true", "purpose: explore").fix


def test_a_second_language_must_be_complete():
    found = problems(SMALL.replace("[en]", "[en, de]").replace("title: A small study", "title: {en: A, fr: B}"))
    said = {(problem.path, problem.what) for problem in found}
    assert ("title.fr", '"fr" is not a language of the study') in said
    assert ("title", 'the text in "de" is missing') in said
    assert ("welcome", "the study has 2 languages, this text only one") in said


@pytest.mark.parametrize("name", ["https://example.org/v1", "sk-abc123", "name?key=1"])
def test_a_model_is_a_name_and_nothing_else(name):
    assert problems(SMALL + CONVERSATION.replace("MODEL", f'"{name}"'))[0].path == "conversation.models[1]"


@pytest.mark.parametrize("name", ["model: offline/plain", "mode: model\n  model: offline/plain"])
def test_a_file_cannot_say_which_model_leads_the_interview(name):
    assert problems(SMALL + f"interview:\n  {name}\n")[0].path == "interview.model"


def test_a_help_link_that_leads_nowhere_is_named():
    helping = "help: {links: [{name: A line}], distress: {sentence: Stop here.}}"
    assert [found.path for found in problems(SMALL + helping)] == ["help.links[0]"]


def test_only_a_language_of_the_study_can_be_machine_translated():
    assert problems(SMALL + "machine_translated: [ar]")[0].path == "machine_translated[0]"


def test_a_model_with_an_address_beside_it_is_refused():
    assert problems(SMALL + CONVERSATION.replace("MODEL", "{name: b, api_base: c}"))[0].path == "conversation.models[1]"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1\n", 2),
        ("a: 1\n b: 2\n", 2),
        ("- a\n- b\n", 1),
        ("a: &x 1\nb: *x\n", 2),
        ("\n", 1),
        ("a: 2026-02-31\n", 1),
    ],
)
def test_what_is_not_a_study_at_all_is_still_explained(text, line):
    assert problems(text)[0].line == line


def test_a_file_that_does_not_exist_is_explained(tmp_path):
    with pytest.raises(StudyFileError, match="does not exist"):
        load_study_file(tmp_path / "none.yaml")


def test_an_unquoted_yes_is_not_taken_for_text():
    assert "quotes" in only_problem("title: A small study", "title: yes").fix


def test_the_hash_follows_the_meaning_and_not_the_layout():
    same = load_study_file("# a comment\n" + SMALL)
    other = load_study_file(SMALL.replace("minutes: 5", "minutes: 6"))
    assert design_hash(load_study_file(SMALL)) == design_hash(same) != design_hash(other)


def test_a_design_survives_being_stored():
    design = load_study_file(DEMO)
    assert design_from_data(design_as_data(design)) == design


def test_a_text_falls_back_to_its_base_language_and_then_to_the_first():
    text = LocalText({"en": "Hello", "de": "Hallo"})
    assert [text.for_language(code) for code in ("de-at", "de", "fr")] == ["Hallo", "Hallo", "Hello"]


def test_the_documented_examples_load():
    page = (DEMO.parents[1] / "docs" / "file_formats.md").read_text()
    study, instrument = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert load_study_file(study).slug == "evening-talks"
    assert load_instrument(instrument).key == "sleep"


@pytest.mark.parametrize("model", [StudyDesign, ConversationDesign, InterviewDesign, Instrument, Item])
def test_every_key_is_documented(model):
    page = (DEMO.parents[1] / "docs" / "file_formats.md").read_text()
    assert [name for name in model.model_fields if name not in page] == []


@pytest.mark.parametrize("name", ["demo", "interview"])
def test_who_agrees_to_publication_is_told_that_judgements_are_in_it_and_reasons_are_not(name: str):
    design = load_study_file(DEMO.with_name(f"{name}.yaml"))
    [item] = [item for item in design.consent.items if item.purpose == "publish"]
    assert "my judgements of values" in item.text.for_language("en")
    assert "(not the reasons I write)" in item.text.for_language("en")

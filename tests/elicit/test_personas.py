"""Simulated people say, edit, judge, rate and answer like people, the same each time."""

import random
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from elicit.guided import OFFLINE_MODELS, Said, answer, draft_card, is_over, next_question
from elicit.instruments import load_instrument, visible_items
from elicit.simulation import answer_interview, crowd, edit_card, judge, load_personas, rate, survey_answers
from elicit.simulation.personas import Quirk, load_judging, load_voices
from elicit.study_files import load_study_file

DESIGN = load_study_file(Path(__file__).parents[2] / "studies" / "demo.yaml")
QUESTIONS = {question.key: str(question.text) for question in DESIGN.questions}
EVERYBODY = load_personas()
PERSONAS = EVERYBODY[:24]  # those without a quirk, who speak English; the demo walks with them


def interviewed(persona, question):
    history = []
    while not is_over(history):
        turn = next_question(history, question=QUESTIONS[question], seed=persona.number)
        history.append(Said("interviewer", turn.text, turn.stage))
        history.append(Said("participant", answer_interview(persona, question, len(history) // 2, turn.stage)))
    return history


def words_of(persona, question):
    return [said.text for said in interviewed(persona, question) if said.author == "participant"]


def test_twenty_four_are_easy_to_talk_to_and_there_are_eight_for_each_question():
    assert {persona.quirk for persona in PERSONAS} == {"none"}
    assert {persona.language for persona in PERSONAS} == {"en"}
    assert Counter(persona.question for persona in PERSONAS) == dict.fromkeys(QUESTIONS, 8)


def test_nobody_is_there_twice_and_they_come_from_everywhere():
    assert len(EVERYBODY) == len({persona.label for persona in EVERYBODY}) >= 40
    assert len({persona.country for persona in EVERYBODY}) >= 30
    assert len({persona.conviction for persona in EVERYBODY}) >= 35
    assert {persona.verbosity for persona in EVERYBODY} == {"short", "middling", "long"}
    assert {persona.reluctance for persona in EVERYBODY} == {"none", "some", "strong"}


def test_every_way_of_being_difficult_is_somebodys():
    assert {persona.quirk for persona in EVERYBODY} == set(get_args(Quirk))
    assert {persona.language for persona in EVERYBODY} == {"en", "de", "ar"}
    assert {persona.fit for persona in EVERYBODY} == {"usual", "back", "stays"}


def test_somebody_speaks_their_own_language_only_where_the_study_does():
    arab = next(persona for persona in EVERYBODY if persona.language == "ar")
    own = answer_interview(arab.speaking(["en", "ar"]), arab.question, 0, "beneath")
    foreign = answer_interview(arab.speaking(["en"]), arab.question, 0, "beneath")
    assert own == arab.words["beneath"]
    assert foreign.isascii()


def test_a_crowd_repeats_the_personas_under_numbers_of_their_own():
    people = crowd(100)
    assert [person.number for person in people] == list(range(1, 101))
    assert people[44].label == people[0].label


def test_a_crowd_of_fewer_is_the_first_of_them():
    assert crowd(3) == list(EVERYBODY[:3])


def test_their_ages_genders_and_schooling_are_options_of_the_survey():
    prism = load_instrument("prism")
    for persona in EVERYBODY:
        assert prism.item("age").option(persona.age)
        assert prism.item("gender").option(persona.gender)
        assert prism.item("education").option(persona.education)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.label)
def test_every_interview_reaches_a_card_of_three_lines_or_more(persona, question):
    history = interviewed(persona, question)
    draft = draft_card(history)
    assert 5 <= len(history) // 2 <= 9
    assert 3 <= len(draft.policies) <= 7
    for found in [found for quotes in draft.evidence for found in quotes]:
        assert history[2 * found.answer + 1].text[found.start : found.end] == found.quote
    assert " I " in f" {draft.description} ".replace("I'd", "I ") or " me " in draft.description.casefold() + " "
    assert 3 <= len(edit_card(persona, question, draft).policies) <= 7


def test_no_simulated_words_are_those_of_a_seed_card():
    cards = set()
    for card in DESIGN.seed_cards:
        cards |= {str(text).casefold() for text in (card.title, card.description, *card.policies)}
    for persona in EVERYBODY:
        for question in QUESTIONS:
            draft = draft_card(interviewed(persona, question))
            lines = [line for text in words_of(persona, question) for line in text.splitlines()]
            said = [*lines, draft.title, draft.description, *draft.policies]
            assert not {text.casefold().strip(".") for text in said} & {text.strip(".") for text in cards}


def test_no_two_of_those_interviewed_about_a_question_say_the_same():
    for question in QUESTIONS:
        stories = [words_of(persona, question)[0] for persona in PERSONAS if persona.question == question]
        assert len(set(stories)) == len(stories)


def test_people_with_one_voice_write_cards_that_differ_and_overlap():
    for question in QUESTIONS:
        cards = {}
        for persona in PERSONAS:
            if persona.question == question:
                policies = frozenset(draft_card(interviewed(persona, question)).policies)
                cards.setdefault(persona.voices[question], []).append(policies)
        shared = [pair for pair in cards.values() if len(pair) > 1]
        assert shared
        assert all(first != second and first & second for first, second, *_ in shared)


def test_every_voice_is_heard_and_leans_to_a_card_of_the_demo_or_to_none():
    titles = {str(card.title) for card in DESIGN.seed_cards}
    voices = load_voices()
    assert {voice for persona in PERSONAS for voice in persona.voices.values()} == set(voices)
    assert {voice.like for voice in voices.values() if voice.like} == titles
    assert any(not voice.like for voice in voices.values())
    assert set(load_judging().wisdom) == titles
    assert set(load_judging().in_context) == {context.key for context in DESIGN.contexts}


def verdicts(first, second, context):
    return Counter(
        judge(persona, first, second, context, random.Random(f"{persona.number}:{seed}"))[0]
        for persona in PERSONAS
        for seed in range(10)
    )


def test_most_but_not_all_find_the_deeper_card_wiser():
    counts = verdicts("Quick Relief", "Steady Company", "exhausted")
    assert counts["wiser"] > 2 * counts["less_wise"] > 0
    assert set(counts) >= {"wiser", "less_wise", "about_equal", "both_needed"}


def test_turning_the_pair_round_turns_the_verdict_round():
    forward, reverse = (verdicts(*pair, "exhausted") for pair in (("A", "Quick Relief"), ("Quick Relief", "A")))
    assert forward["less_wise"] > forward["wiser"]
    assert reverse["wiser"] > reverse["less_wise"]


def test_the_same_draw_gives_the_same_verdict_and_reason():
    said = [judge(PERSONAS[0], "Kind Words", "Plain Truth", "verdict", random.Random(3)) for _ in range(2)]
    assert said[0] == said[1]
    assert "{" not in said[0][1]


def test_a_context_can_change_which_is_wiser():
    plain = verdicts("Kind Words", "Plain Truth", "verdict")
    beginner = verdicts("Kind Words", "Plain Truth", "beginner")
    assert plain["wiser"] > beginner["wiser"]


def test_ratings_stay_on_the_scale_and_follow_what_people_like():
    by_model = {model: [] for model in OFFLINE_MODELS}
    likers = []
    for persona in PERSONAS:
        for opening in persona.openings:
            for model in OFFLINE_MODELS:
                text = answer(model, [{"role": "user", "content": opening}], persona.number)
                score = rate(persona, text, random.Random(f"{persona.number}:{model}:{opening}"))
                by_model[model].append(score)
                if model == "offline/steps" and "steps" in persona.likes:
                    likers.append(score)
    assert all(1 <= score <= 100 for scores in by_model.values() for score in scores)
    steps = by_model["offline/steps"]
    assert sum(likers) / len(likers) > sum(steps) / len(steps) + 3


@pytest.mark.parametrize("name", ["prism", "closing"])
def test_everyone_answers_what_they_see_and_nothing_else(name):
    instrument = load_instrument(name)
    for persona in PERSONAS:
        answers = survey_answers(persona, instrument)
        assert list(answers) == [item.name for item in visible_items(instrument, answers)]
        assert answers == survey_answers(persona, instrument)


def test_those_who_never_used_an_ai_say_so():
    never = next(persona for persona in PERSONAS if persona.use == "never")
    answers = survey_answers(never, load_instrument("prism"))
    assert answers["lm_direct_use"] == "No"
    assert "lm_frequency_use" not in answers


def test_openings_can_be_told_apart():
    openings = [opening for persona in EVERYBODY for opening in persona.openings]
    assert len(set(openings)) == len(openings) == 2 * len(EVERYBODY)

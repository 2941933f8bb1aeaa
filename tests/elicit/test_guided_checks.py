"""What is heard in words: danger, names and addresses, quotes, and what is not yet a value on a card."""

import json
import os
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from elicit.guided import CardDraft, check_card, find_quote, hears_distress
from elicit.guided.privacy import address_in, name_in
from elicit.guided.script import words_for
from elicit.study_files import load_study_file

WORDS = words_for("en")
STUDY_CARDS = Path(os.environ.get("MGE_DATA_DIR", "/no/such/folder")) / "values_cards.json"
ABOUT_CONTENT = {"goal", "rule", "norm", "slogan", "ideology", "feeling", "name", "personal_data"}


@pytest.mark.parametrize(
    "text",
    [
        "I want to die",
        "i’ve been thinking about killing myself.",
        "I wanted to kill myself last year",
        "I don't want to live anymore",
        "Everyone would be better off without me",
        "There is no reason to live for me",
        "I am going to end it all tonight",
        "I hurt myself sometimes",
        "He is hitting me",
        "I wish I were dead",
        "I can't take it anymore.",
        "I sat there and\nI feel suicidal",
    ],
)
def test_danger_is_heard(text):
    assert hears_distress(text)


@pytest.mark.parametrize(
    "text",
    [
        "I was killing time",
        "I was dead tired that night",
        "I'm not suicidal",
        "I would never kill myself",
        "I don't want to die",
        "I do not want to die yet",
        "I was dying to know",
        "I could have died of embarrassment",
        "I want to die of shame sometimes",
        "I worked at a suicide prevention line",
        "I cut myself shaving",
        "I had to end it all and move out of the flat",
        "She wanted to kill herself and I listened",
        'He said "I want to die" and I stayed',
        "The deadline is killing me",
        "Somebody writes: “I can't do this any more.”",
    ],
)
def test_figures_of_speech_denials_and_other_peoples_words_are_no_alarm(text):
    assert not hears_distress(text)


def test_a_study_has_words_of_its_own_and_a_denial_counts_there_too():
    assert hears_distress("I found the bleach", also=["bleach"])
    assert not hears_distress("I did not touch the bleach", also=["bleach"])


def test_danger_at_the_end_of_a_very_long_answer_is_heard():
    assert hears_distress("It rained.\n" * 600 + "I want to die.")


SAID = ["Oh well.", "She left the silences alone, and I’m still here.\nHe “waited” for me."]


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("she  left the Silences", "She left the silences"),
        ('"I\'m still here..."', "I’m still here"),
        ("I'm still here.", "I’m still here"),
        ("he waited for me", "He “waited” for me"),
        ("still here. He", "still here.\nHe"),
    ],
)
def test_a_models_quote_is_found_in_the_persons_own_characters(quote, found):
    evidence = find_quote(quote, SAID)
    assert (evidence.quote, evidence.answer) == (found, 1)
    assert SAID[1][evidence.start : evidence.end] == found


@pytest.mark.parametrize("quote", ["", "silences", "...", '""', "She left the silence", "left silences alone", "“” “”"])
def test_a_quote_that_was_not_said_or_is_a_single_word_is_not_found(quote):
    assert find_quote(quote, SAID) is None


@pytest.mark.parametrize(
    "text",
    [
        "Messages to a.b@example.org",
        "a.b (at) example (dot) org",
        "Calls to +49 170 1234567",
        "Calls to (555) 010-2233",
        "Write to www.example.org",
        "See example.org/me",
        "Find @some_handle there",
        "my insta: some.handle",
        "someone#1234",
        "12 Long Field Road",
        "Lindenstraße 5",
        "DE44 5001 0517 5407 3249 31",
    ],
)
def test_contact_data_is_seen(text):
    assert address_in(text, WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "Years from 2019 to 2021",
        "The war of 1939-1945",
        "On 12/03/2020 at 10:30",
        "Signs of 3 or 4 things at 100 %",
        "Moments e.g. in the morning",
        "24/7",
        "10 000 steps",
        "Sentences that end.Then new ones",
    ],
)
def test_ordinary_numbers_are_no_contact_data(text):
    assert not address_in(text, WORDS)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Times when my friend Aylin was quiet", "Aylin"),
        ("A boy called Joss", "Joss"),
        ("What Mrs. Klein did not say", "Klein"),
        ("Moments when Sarah waits", "Sarah"),
        ("Anna always knew", "Anna"),
        ("Times when Ngozika was quiet", "Ngozika"),
        ("Evenings in the flat in Oldenburg", "Oldenburg"),
    ],
)
def test_names_are_seen(text, name):
    assert name_in(text, WORDS) == name


@pytest.mark.parametrize(
    "text",
    [
        "Moments of Grace and Hope",
        "Moments when an AI waits",
        "THE THOUGHTS AND WISHES of those involved",
        "Signs That My Friend Feels Heard",
        "What God wants on a Sunday",
        "People who speak English",
        "My friend I trusted",
        "A feeling called trust",
        "The Maker's Own Eye",
    ],
)
def test_capitals_alone_are_no_names(text):
    assert not name_in(text, WORDS)


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ("People should be told", "rule"),
        ("Ways to make sure it works", "goal"),
        ("Moments when I do what people expect", "norm"),
        ("Chances to change people's minds about it", "ideology"),
        ("Moments of honesty", "slogan"),
        ("Moments of joy", "feeling"),
        ("Being kind", "form"),
        ("Moments when Sarah waits", "name"),
        ("Calls to +49 170 1234567", "personal_data"),
    ],
)
def test_a_line_that_is_not_yet_a_value_is_explained(policy, code):
    card = CardDraft("Staying near", "I stay.", (policy, "Moments that end", "Pauses in the talk"), ())
    found = check_card(card)
    assert [(warning.code, warning.line) for warning in found] == [(code, 0)]
    assert "{" not in found[0].text


@pytest.mark.parametrize(
    "policy",
    [
        "Feelings they keep from those who are close to them",
        'Times when they say "I have to"',
        "Signs of trust that nobody asked for",
        "AWARENESS of what the other can bear",
        "Words that leave them glad they asked",
    ],
)
def test_ordinary_lines_are_let_pass(policy):
    card = CardDraft("Staying near", "I stay.", (policy, "Moments that end", "Pauses in the talk"), ())
    assert check_card(card) == []


def codes_of(cards):
    return Counter(warning.code for card in cards for warning in check_card(card))


def test_the_cards_of_our_own_study_give_no_warning():
    study = load_study_file(Path(__file__).parents[2] / "studies" / "demo.yaml")
    cards = [
        SimpleNamespace(
            title=str(card.title), description=str(card.description), policies=[str(line) for line in card.policies]
        )
        for card in study.seed_cards
    ]
    assert codes_of(cards) == Counter()


@pytest.mark.skipif(not STUDY_CARDS.exists(), reason="MGE_DATA_DIR holds no values_cards.json")
def test_cards_of_a_real_study_give_few_false_alarms():
    told = json.loads(STUDY_CARDS.read_text(encoding="utf-8"))
    cards = [
        SimpleNamespace(title=card["title"], description=card["instructionsShort"], policies=card["evaluationCriteria"])
        for card in told
    ]
    lines = sum(len(card.policies) for card in cards)
    codes = codes_of(cards)
    assert sum(codes[code] for code in ABOUT_CONTENT - {"name"}) <= 0.01 * lines
    assert codes["name"] <= 0.03 * len(cards)
    assert codes["personal_data"] == 0
    assert codes["form"] <= 0.02 * lines

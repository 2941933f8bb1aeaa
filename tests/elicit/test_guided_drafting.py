"""A card is drafted from the person's own words: all of them found again, none invented, none said twice."""

import pytest

from elicit.guided import Said, draft_card
from elicit.guided.policies import as_policy
from elicit.guided.script import words_for

EN = words_for("en")


def told(*pairs):
    """A history of (stage, answer) pairs."""
    return [turn for stage, text in pairs for turn in (Said("interviewer", "?", stage), Said("participant", text))]


def lines(text):
    return draft_card(told(("attend", text))).policies


def quotes(history):
    return [[found.quote for found in evidence] for evidence in draft_card(history).evidence]


def test_lines_that_say_the_same_become_one_with_both_quotes():
    first, fuller = "signs that the voice is tired", "signs that the voice is tired tonight"
    history = told(("attend", first), ("attend_more", f"{fuller}\nopen doors"))
    assert draft_card(history).policies == ("Signs that the voice is tired tonight", "Open doors")
    assert quotes(history)[0] == [fuller, first]


def test_a_line_rests_also_on_what_was_said_about_it_before():
    history = told(("noticed", "She left the silences alone. It rained."), ("attend", "silences they need"))
    assert quotes(history)[0] == ["silences they need", "She left the silences alone."]


def test_a_list_written_before_it_was_asked_for_counts():
    history = told(("story", "- small steps\n- people near them\n- whether they have slept"))
    assert draft_card(history).policies == ("Small steps", "People near them", "Signs of whether they have slept")


@pytest.mark.parametrize(
    "line",
    [
        "That's all.",
        "I don't know",
        "no idea really",
        "Thanks!",
        "This is boring",
        "Are you a human?",
        "What else is there?",
        "ok",
        "I want to die",
        "my number is 555 0100 22 33",
        '{"card": "confirmed"}',
        "<script>alert(1)</script>",
        "🙂",
    ],
)
def test_what_is_no_line_does_not_become_one(line):
    assert lines(f"open doors\n{line}") == ("Open doors",)


@pytest.mark.parametrize(
    ("said", "policy"),
    [
        ("honesty", "Moments of honesty"),
        ("respect", "Moments of respect"),
        ("work that is done unseen", "Moments of work that is done unseen"),
        ("work quietly", "Chances to work quietly"),
        ("not judging them", "Ways of not judging them"),
        ("without any hurry", "Moments without any hurry"),
        ("The AI should be honest", "Chances to be honest"),
        ("AI that waits", "Moments of AI that waits"),
        ("who is missing in what they tell", "People who is missing in what they tell"),
        ("Silences", "Silences"),
    ],
)
def test_a_line_keeps_its_words_and_gets_an_opening(said, policy):
    assert as_policy(said, EN) == policy


@pytest.mark.parametrize(
    ("said", "policy"),
    [
        ("She saw that I was tired", "Moments when I was tired"),
        ("He saw the call coming and made room", "Moments when he saw the call coming and made room"),
        ("She left the silences alone", "Moments when she left the silences alone"),
    ],
)
def test_a_sentence_out_of_a_story_becomes_a_moment(said, policy):
    assert as_policy(said, EN, told=True) == policy


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("I'd call it “staying near”.", "Staying near"),
        ("Well, maybe something like: the bag and the shoes", "The bag and the shoes"),
        ("skip", "Open doors"),
        ("who won the game yesterday?", "Open doors"),
        ("This is a very long name that nobody could ever remember at all", "Open doors"),
    ],
)
def test_a_card_has_the_name_that_it_was_given(said, title):
    assert draft_card(told(("attend", "open doors"), ("check", said))).title == title


def test_the_sentence_under_the_name_is_the_last_and_deepest_about_oneself_and_no_rule():
    history = told(
        ("story", "I sat with him for hours."),
        ("beneath", "I think people should do their duty, I was raised that way."),
        ("beneath", "I want to be near what is true. It rained."),
    )
    assert draft_card(history).description == "I want to be near what is true."


def test_curly_quotes_and_bullets_stay_outside_of_what_is_quoted():
    history = told(("attend", "1) “open doors”\n•  what they don’t say"))
    assert quotes(history) == [["open doors"], ["what they don’t say"]]

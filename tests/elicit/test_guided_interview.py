"""The guided interview follows what was said, says what it is, and drafts a card from the person's own sentences."""

import pytest

from elicit.guided import (
    OFFLINE_MODELS,
    STAGES,
    CardDraft,
    InterviewIsOver,
    Said,
    UnknownOfflineModel,
    answer,
    check_card,
    draft_card,
    is_over,
    next_question,
)
from elicit.guided.policies import as_policy
from elicit.guided.script import aims, words_for
from elicit.guided.wording import quote_from

LONG = "My neighbour came over and sat down beside me on the steps, and she did not say anything wise at all."
QUESTION = "Someone writes in the night."


def asked(*pairs):
    """A history of (stage, answer) pairs."""
    return [said for stage, text in pairs for said in (Said("interviewer", "?", stage), Said("participant", text))]


def ask(history, **options):
    return next_question(history, question=QUESTION, seed=1, **options)


def test_the_first_turn_says_that_a_computer_asks_and_names_the_situation():
    turn = ask([])
    assert turn.stage == "story"
    assert "computer program that follows a script" in turn.text
    assert QUESTION in turn.text


def test_no_sentence_of_the_script_claims_a_life():
    words = words_for("en")
    texts = [text for stage in words.questions.values() for variants in stage.values() for text in variants]
    for claim in ("I understand", "I feel", "I know how", "when I was", "I have been", "I remember", "I'm sorry"):
        assert not [text for text in [words.introductions.guided, words.introductions.model, *texts] if claim in text]


def test_a_long_story_is_followed_by_what_was_noticed_and_quoted_back():
    turn = ask(asked(("story", LONG)))
    assert turn.stage == "noticed"
    assert "“My neighbour came over and sat down beside me on the steps”" in turn.text


def test_a_short_story_is_asked_after_once():
    history = asked(("story", "Somebody stayed with me."))
    assert ask(history).stage == "story_more"
    assert ask([*history, *asked(("story_more", "Yes."))]).stage == "noticed"


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("One should always tell people the truth about it.", "rule"),
        ("I was so afraid of saying the wrong thing to him.", "fear"),
        ("It made me angry how they all talked over her.", "anger"),
        ("I am still ashamed that I went home that evening.", "shame"),
        ("I wanted to fix it for her as soon as possible.", "goal"),
        ("My grandmother always noticed when somebody had gone quiet.", "person"),
        ("Honesty and respect.", "slogan"),
    ],
)
def test_the_question_beneath_follows_what_was_said(said, heard):
    turn = ask(asked(("story", LONG), ("noticed", said)))
    assert turn.stage == "beneath"
    assert turn.aim == aims()[f"beneath.{heard}"]


def test_whoever_skips_is_not_pressed_and_not_quoted():
    turn = ask(asked(("story", LONG), ("noticed", "I'd rather not say")))
    assert turn.stage == "beneath"
    assert "rather not" not in turn.text
    assert turn.text.startswith(tuple(words_for("en").acknowledgements.skipped))


def test_the_same_words_with_the_same_seed_get_the_same_question():
    history = asked(("story", LONG))
    assert ask(history) == ask(list(history))


def test_each_turn_asks_at_one_stage_and_the_last_is_the_check():
    history, stages = [], []
    while not is_over(history):
        turn = ask(history)
        stages.append(turn.stage)
        history += [Said("interviewer", turn.text, turn.stage), Said("participant", "She noticed.")]
        assert turn.is_last == (turn.stage == "check")
    assert stages == list(STAGES)


def test_after_the_check_there_is_nothing_more_to_ask():
    with pytest.raises(InterviewIsOver):
        ask(asked(("check", "Staying near")))


def test_the_limit_of_turns_is_kept():
    turn = ask(asked(("story", LONG), ("noticed", LONG), ("beneath", LONG)), max_turns=4)
    assert (turn.stage, turn.is_last) == ("check", True)


def test_serious_words_are_answered_with_where_help_is_before_anything_else():
    turn = ask(asked(("story", LONG), ("noticed", "Honestly I want to die, so I know the place.")))
    assert turn.text.startswith("Something you wrote sounds serious.")
    assert "emergency number" in turn.text


def test_an_unknown_language_is_asked_in_english():
    assert ask([], language="fi") == ask([])


@pytest.mark.parametrize("text", ["", "   ", "...", "🙂", "{question} {quote} {0}", "\n\n-\n"])
def test_odd_answers_neither_break_the_interview_nor_the_draft(text):
    history = asked(*((stage, text) for stage in ("story", "noticed", "beneath", "attend")))
    assert ask(history).text
    assert draft_card([*history, *asked(("check", text))]).title


@pytest.mark.parametrize(
    ("said", "policy"),
    [
        ("I'd listen for what she isn't saying", "Signs of what she isn't saying"),
        ("whether they are eating", "Signs of whether they are eating"),
        ("the small pauses before they answer", "Small pauses before they answer"),
        ("Ask what they want", "Chances to ask what they want"),
        ("when they laugh by accident", "Moments when they laugh by accident"),
        ("I stop explaining", "Moments when I stop explaining"),
        ("real curiosity", "Moments of real curiosity"),
        ("being there", "Ways of being there"),
        ("people who were not asked", "People who were not asked"),
        ("They go quiet", "Signs that they go quiet"),
        ("next attempts that could grow", "Next attempts that could grow"),
        ("tea", ""),
    ],
)
def test_a_line_becomes_a_policy_that_opens_with_things_to_see(said, policy):
    assert as_policy(said, words_for("en")) == policy


HISTORY = asked(
    ("story", LONG),
    ("noticed", "She saw that I was tired. She left the silences alone."),
    ("beneath", "It matters to me that nobody has to be cheerful to be welcome."),
    (
        "attend",
        "- signs that they are tired\n2) silences they need\nI'd look for her hands, the pauses, what she leaves out",
    ),
    ("check", "I'd call it “staying near”."),
)


def test_the_card_is_made_of_the_persons_own_lines():
    draft = draft_card(HISTORY)
    assert draft.title == "Staying near"
    assert draft.description == "It matters to me that nobody has to be cheerful to be welcome."
    assert draft.policies == (
        "Signs that they are tired",
        "Silences they need",
        "Her hands",
        "Pauses",
        "Signs of what she leaves out",
    )


def test_every_policy_carries_the_words_it_was_made_from():
    draft = draft_card(HISTORY)
    answers = [said.text for said in HISTORY if said.author == "participant"]
    assert len(draft.evidence) == len(draft.policies)
    for found in [found for quotes in draft.evidence for found in quotes]:
        assert answers[found.answer][found.start : found.end] == found.quote


def test_earlier_answers_fill_up_a_card_that_would_be_too_thin():
    draft = draft_card(
        asked(*[("noticed", "She saw that I was tired. She left the silences alone."), ("attend", "signs of hope")])
    )
    assert draft.policies[0] == "Signs of hope"
    assert len(draft.policies) == 3


def test_a_card_has_at_most_seven_lines_and_none_twice():
    lines = "\n".join(f"signs of thing {n}" for n in range(12)) + "\nsigns of thing 1"
    assert len(draft_card(asked(("attend", lines))).policies) == 7


def test_a_refusal_does_not_become_a_line():
    assert draft_card(asked(("attend", "I don't know"))).policies == ()


def warnings(title="Staying near", description="I stay.", policies=("Signs of a", "Moments of b", "Pauses in c")):
    return [(warning.code, warning.line) for warning in check_card(CardDraft(title, description, policies, ()))]


@pytest.mark.parametrize(
    ("policies", "found"),
    [
        (("Signs of a", "Moments of b", "Pauses in c"), []),
        (("Signs of a",), [("too_few", None)]),
        (tuple(f"Signs of thing {n}" for n in range(8)), [("too_many", None)]),
        (("People should be told", "Moments of b", "Pauses in c"), [("rule", 0)]),
        (("Ways to make sure it works", "Moments of b", "Pauses in c"), [("goal", 0)]),
        (("Being kind", "Moments of b", "Pauses in c"), [("form", 0)]),
        (("Moments of b", "moments of B", "Pauses in c"), [("repeated", 1)]),
        (("Messages to a.b@example.org", "Moments of b", "Pauses in c"), [("personal_data", 0)]),
        (("Calls to +49 170 1234567", "Moments of b", "Pauses in c"), [("personal_data", 0)]),
        (("Signs of " + "very " * 30 + "much", "Moments of b", "Pauses in c"), [("long", 0)]),
    ],
)
def test_the_check_explains_what_an_author_may_want_to_look_at(policies, found):
    assert warnings(policies=policies) == found


def test_the_check_reads_the_title_and_the_sentence_too():
    assert warnings(title="", description="Write to www.example.org") == [
        ("title_length", None),
        ("personal_data", None),
    ]


def test_a_quote_is_a_whole_clause_and_nothing_where_none_is_short_enough():
    assert quote_from("word " * 40) == ""
    assert (
        quote_from(
            "She sat down. I was afraid to ask what she had heard, since the door had stood open all that time.",
            listed=["afraid"],
        )
        == "I was afraid to ask what she had heard"
    )


def says(model, *texts, seed=0):
    return answer(model, [{"role": "user", "content": text} for text in texts], seed)


@pytest.mark.parametrize("model", OFFLINE_MODELS)
@pytest.mark.parametrize(
    "text",
    [
        "Should I sell the house?",
        "Is my poem any good?",
        "I am so tired",
        "Write me a plan",
        "What is a fjord?",
        "Hello",
        "Cheese",
        "",
    ],
)
def test_every_offline_answer_says_that_a_script_wrote_it(model, text):
    said = says(model, text)
    assert "script" in said
    assert "{" not in said
    assert said == says(model, text)


def test_the_offline_models_answer_each_in_their_own_way():
    answers = {says(model, "Should I move to the coast or stay?") for model in OFFLINE_MODELS}
    assert len(answers) == len(OFFLINE_MODELS)


@pytest.mark.parametrize("model", OFFLINE_MODELS)
def test_danger_comes_before_style_and_is_not_forgotten(model):
    assert "emergency number" in says(model, "I want to end my life")
    assert "emergency number" in says(model, "I want to end my life", "So what now?")


def test_an_unknown_offline_model_is_named():
    with pytest.raises(UnknownOfflineModel, match="offline/plain"):
        says("offline/clever", "Hello")

"""A whole guided interview is a conversation: it listens, asks nothing twice, and ends with a card of one's own."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elicit.guided import STAGES, InterviewIsOver, Said, draft_card, next_question
from elicit.guided.script import aims, words_for
from tests.elicit.talking import SITUATION, TALKS, asked_in, hold, stages_in, told_in

EVERYONE = pytest.mark.parametrize("name", TALKS)
SEEDS = range(6)


def questions_of(history):
    """Every turn without its introduction and the situation."""
    opening = words_for("en").introductions.guided
    return [turn.text.replace(SITUATION, "").split(opening)[-1] for turn in asked_in(history)]


@EVERYONE
def test_no_question_is_asked_twice(name):
    for seed in SEEDS:
        asked = [
            re.sub(r"“[^”]*”", "“”", text).rsplit(". ", 1)[-1] for text in questions_of(hold(TALKS[name], seed=seed))
        ]
        asked = [text for text in asked if text.endswith("?")]
        assert len(set(asked)) == len(asked)


@EVERYONE
def test_every_turn_asks_one_thing(name):
    for seed in SEEDS:
        assert all(text.count("?") == 1 for text in questions_of(hold(TALKS[name], seed=seed)))


@EVERYONE
def test_what_is_given_back_is_a_clause_of_the_persons_own(name):
    for seed in SEEDS:
        history = hold(TALKS[name], seed=seed)
        told = " \n ".join(told_in(history))
        for quote in re.findall(r"“([^”]+)”", " ".join(questions_of(history))):
            assert re.search(rf"(?<!\w){re.escape(quote)}(?!\w)", told), quote
            assert not quote.endswith(("...", ",")), quote


@EVERYONE
def test_no_two_turns_open_in_the_same_way(name):
    opens = [" ".join(text.split()[:2]) for text in questions_of(hold(TALKS[name]))]
    assert not [pair for pair in zip(opens, opens[1:], strict=False) if pair[0] == pair[1]]


@EVERYONE
def test_a_talk_takes_as_long_as_it_gives_something(name):
    assert 4 <= len(asked_in(hold(TALKS[name]))) <= 12


@EVERYONE
def test_the_quotes_of_a_card_stand_where_they_say(name):
    for seed in SEEDS:
        history = hold(TALKS[name], seed=seed)
        draft, told = draft_card(history), told_in(history)
        assert len(draft.evidence) == len(draft.policies)
        for found in [found for quotes in draft.evidence for found in quotes]:
            assert told[found.answer][found.start : found.end] == found.quote


@EVERYONE
def test_nothing_of_the_talk_about_the_interview_is_on_the_card(name):
    draft = draft_card(hold(TALKS[name]))
    words = " ".join([draft.title, draft.description, *draft.policies]).casefold()
    for phrase in ("script", "human", "poem", "annoying", "repetitive", "example", "questions?", "skip", "want to die"):
        assert phrase not in words


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("terse", "story story_more noticed beneath attend attend_more check"),
        ("angry", "story noticed beneath beneath attend attend_more check"),
        ("rambling", "story beneath attend attend_more check"),
        ("slogans", "story story_more noticed beneath beneath attend attend_more check"),
        ("rules", "story story_more noticed beneath beneath attend attend_more check"),
        ("refuser", "story noticed attend check"),
        ("distressed", "story noticed attend check"),
        ("lister", "story story_more noticed beneath attend_more check"),
        ("complainer", "story noticed attend check"),
        ("dutiful", "story noticed beneath beneath attend attend_more check"),
        ("believer", "story story_more noticed beneath beneath attend attend_more check"),
    ],
)
def test_the_way_through_follows_what_was_said(name, stages):
    assert stages_in(hold(TALKS[name])) == stages.split()


def aims_of(name):
    """What each question was for, asked again turn by turn."""
    history = hold(TALKS[name])
    places = [place for place, turn in enumerate(history) if turn.author == "interviewer"]
    return [next_question(history[:place], question=SITUATION, seed=1).aim for place in places]


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("angry", ["noticed.badly", "beneath.anger"]),
        ("slogans", ["story_more.slogan", "beneath.slogan", "attend_more.slogan"]),
        ("rules", ["story_more.rule", "beneath.rule", "attend_more.rule"]),
        ("dutiful", ["noticed.about", "beneath.norm"]),
        ("believer", ["story_more.rule", "beneath.missing", "beneath.ideology"]),
        ("lister", ["story_more.listed"]),
        ("distressed", ["noticed.gentle"]),
    ],
)
def test_it_digs_where_something_lies_beneath(name, kinds):
    assert {aims()[kind] for kind in kinds} <= set(aims_of(name))


@EVERYONE
def test_it_digs_at_most_twice_in_one_place(name):
    reworded = words_for("en").questions["beneath"]["differently"]
    dug = [turn for turn in asked_in(hold(TALKS[name])) if turn.stage == "beneath"]
    assert len([turn for turn in dug if not any(text in turn.text for text in reworded)]) <= 2


def test_it_says_that_it_is_a_program_when_asked():
    turn = asked_in(hold(TALKS["questioner"]))[1]
    assert turn.stage == "story"
    assert "computer program" in turn.text


def test_whoever_asks_for_other_words_gets_them_and_the_card_is_not_lost():
    history = hold(TALKS["confused"])
    assert stages_in(history).count("story") == 3
    assert draft_card(history).title == "Seen in what you like"


def test_whoever_wrote_nothing_gets_an_empty_card_and_nothing_invented():
    draft = draft_card(hold(TALKS["refuser"]))
    assert (draft.policies, draft.description) == ((), "")


def test_the_card_of_somebody_in_danger_holds_only_what_came_after():
    history = hold(TALKS["distressed"])
    assert asked_in(history)[1].text.startswith(words_for("en").care.strip())
    assert all(words_for("en").care.strip() not in turn.text for turn in asked_in(history)[2:])
    assert all(found.answer > 0 for quotes in draft_card(history).evidence for found in quotes)


def test_serious_words_twice_are_answered_shortly_the_second_time():
    answers = {**TALKS["distressed"], "noticed": ["I still want to die, you know."]}
    assert asked_in(hold(answers))[2].text.startswith(words_for("en").care_again.strip())


def test_words_that_the_study_listens_for_are_heard_too():
    history = [Said("interviewer", "?", "story"), Said("participant", "I drank bleach once, long ago.")]
    plain = next_question(history, question=SITUATION).text
    heard = next_question(history, question=SITUATION, also=["drank bleach"]).text
    assert words_for("en").care.strip() in heard
    assert words_for("en").care.strip() not in plain


WORDS = [
    "I",
    "she",
    "noticed",
    "because",
    "should",
    "honesty",
    "afraid",
    "?",
    ".",
    "\n",
    "- ",
    "want to die",
    "“",
    "{quote}",
]
TEXTS = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
KINDS = st.sampled_from(["said", "said", "said", "skipped", "declined", "differently"])
TURNS = st.one_of(
    st.builds(Said, st.just("interviewer"), TEXTS, st.sampled_from([*STAGES, "", "elsewhere"])),
    st.builds(Said, st.just("participant"), TEXTS, st.just(""), KINDS),
)
SLOWLY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOWLY
@given(history=st.lists(TURNS, max_size=12), most=st.integers(1, 12), seed=st.integers(0, 99))
def test_any_history_gets_a_turn_or_the_end(history, most, seed):
    asked = sum(turn.author == "interviewer" for turn in history)
    try:
        turn = next_question(history, question=SITUATION, seed=seed, max_turns=most)
    except InterviewIsOver:
        assert asked
        return
    assert turn.stage in STAGES
    assert turn.text.strip()
    assert asked < most or asked == 0


@SLOWLY
@given(
    answers=st.dictionaries(st.sampled_from(STAGES), st.lists(TEXTS, min_size=1, max_size=4)), most=st.integers(4, 12)
)
def test_any_answers_lead_to_the_end_within_the_limit(answers, most):
    history = hold(answers, max_turns=most)
    assert len(asked_in(history)) <= most
    assert stages_in(history)[-1] == "check"


@SLOWLY
@given(history=st.lists(TURNS, max_size=12))
def test_the_quotes_of_any_card_are_verbatim(history):
    draft, told = draft_card(history), told_in(history)
    assert len(draft.policies) == len(draft.evidence) <= 7
    for found in [found for quotes in draft.evidence for found in quotes]:
        assert told[found.answer][found.start : found.end] == found.quote

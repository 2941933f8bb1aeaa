"""Scores of interviews: each measure counted by hand, changes told from noise, and the guide held to its baseline."""

import dataclasses
import random
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from elicit.models import ValuesCard
from elicit.scored_interviews import BASELINE, NotABaseline, read_scores, scores_of_guide, scores_of_study, write_scores
from elicit.simulating import simulate
from elicit.simulation import crowd, load_personas, rehearsing
from elicit.simulation.comparing import compare, interval, summary
from elicit.simulation.rehearsing import rehearse, topics_of
from elicit.simulation.scoring import MEASURES, Line, ScoredCard, Told, content_words, score
from elicit.studies import load_study, open_study
from tests.make import NOW, make_confirmed_card, make_consenting_participant

ROOT = Path(__file__).parents[2]
DEMO = (ROOT / "studies" / "demo.yaml").read_text()
SHORT = re.sub(r"^steps:.*$", "steps: [consent, interview, values_card]", DEMO, flags=re.MULTILINE)
ASKED = "What did you notice there?"
ANSWERED = "Silences, and hands that shake. I want to stay near."
QUOTES = (("Silences",), ("hands that shake",))
CARD = ScoredCard("Staying near", "I stay near.", ("Silences that leave room", "Hands that shake"), QUOTES)


def told(*, asked=(ASKED,), said=(ANSWERED,), card=CARD, topics=()):
    lines = [line for pair in zip(asked, said, strict=True) for line in (Line(False, pair[0]), Line(True, pair[1]))]
    return Told("1:night", tuple(lines), card, topics)


def only(**changes):
    return dataclasses.replace(CARD, **changes)


def test_content_words_are_long_enough_and_carry_meaning():
    assert content_words("When they leave, the SILENCES leave me") == ["leave", "silence", "leave"]
    assert content_words("الصمت الذي يترك مكانا") == ["الصمت", "يترك", "مكانا"]


def test_own_words_are_those_that_the_author_wrote():
    # staying, near, stay, near, silence, leave, room, hand, shake: not written were staying, leave, room
    assert score(told())["own_words"] == pytest.approx(6 / 9)


def test_a_quote_counts_only_where_it_stands_in_the_authors_words():
    foreign = only(quotes=(("Silences",), ("hands that tremble",)))
    assert score(told())["quoted"] == 1
    assert score(told(card=foreign))["quoted"] == 0.5
    assert score(told(card=only(quotes=((), ()))))["quoted"] == 0


def test_what_somebody_skipped_with_is_not_their_word():
    lines = (Line(False, ASKED), Line(True, "Silences and hands", "skipped"))
    assert score(Told("1:night", lines, CARD))["own_words"] == 0


def test_a_line_belongs_to_the_topic_with_which_it_shares_most():
    topics = (frozenset({"silence", "hand"}), frozenset({"weather", "room", "leave"}))
    assert score(told(topics=topics))["one_source"] == 0.5
    assert "one_source" not in score(told())


def test_lines_hang_together_where_they_share_a_word():
    assert score(told(card=only(title="Silences")))["cohesion"] == 0.5
    assert score(told(card=only(title="Silences and hands")))["cohesion"] == 1


def test_a_rule_or_a_bare_word_is_not_well_formed():
    assert score(told())["well_formed"] == 1
    assert score(told(card=only(policies=("You must be honest", "Hands that shake"))))["well_formed"] == 0.5


def test_three_to_seven_lines_are_the_right_size():
    lines = tuple(f"Signs of {word}" for word in ("one", "two", "three", "four", "five", "six", "seven", "eight"))
    sizes = [score(told(card=only(policies=lines[:count])))["right_size"] for count in (2, 3, 7, 8)]
    assert sizes == [0, 1, 1, 0]


def test_a_question_that_says_the_same_again_is_repeated():
    again = tuple(f"You wrote “{quote}”. What did you notice there?" for quote in ("hands that shake", "silences"))
    assert score(told(asked=again, said=("a", "b")))["repeated"] == 0.5
    other = (ASKED, "Who else was in the kitchen that evening?")
    assert score(told(asked=other, said=("a", "b")))["repeated"] == 0


def test_question_marks_of_the_person_are_not_the_interviewers():
    quoting = "You wrote “who am I? what now?”. What did you see?"
    assert score(told(asked=(quoting,)))["one_question"] == 1
    assert score(told(asked=("What? And why?",)))["one_question"] == 0
    assert score(told(asked=("ماذا؟ ولماذا؟",)))["one_question"] == 0


def test_turns_and_the_length_of_questions_leave_the_opening_out():
    scores = score(told(asked=("Hello and welcome.", "One two three four?"), said=("a", "b")))
    assert (scores["turns"], scores["question_words"]) == (2, 4)


def test_an_interval_holds_its_mean_and_is_the_same_each_time():
    rng = random.Random(1)
    values = [rng.random() for _ in range(50)]
    found = interval(values, seed=3)
    assert found.low < found.mean < found.high
    assert found == interval(values, seed=3)


def scored(mean, *, spread=0.0, name="own_words"):
    rng = random.Random(7)
    return {f"{number}:night": {name: mean + rng.uniform(-spread, spread)} for number in range(40)}


def test_the_same_scores_are_the_same():
    assert {change.verdict for change in compare(scored(0.9), scored(0.9))} == {"same"}


def test_fewer_own_words_are_worse_and_fewer_turns_better():
    assert compare(scored(0.8), scored(0.9))[0].verdict == "worse"
    assert compare(scored(5, name="turns"), scored(7, name="turns"))[0].verdict == "better"


def test_what_could_be_noise_is_not_called_worse():
    noisy = scored(0.9) | {"3:night": {"own_words": 0.4}}
    assert compare(noisy, scored(0.9))[0].verdict == "same"
    assert compare(scored(0.885), scored(0.9))[0].verdict == "same"


def test_only_interviews_that_both_sets_have_are_compared():
    more = scored(0.9) | {"99:night": {"own_words": 0.0}}
    assert compare(more, scored(0.9))[0].difference.count == 40


@pytest.fixture(scope="module")
def guide():
    return scores_of_guide()


def test_the_guided_interview_is_no_worse_than_its_baseline(guide):
    """Renew it on purpose alone: `manage.py score_interviews --guided --write benchmarks/interviews_scored.json`."""
    worse = [change for change in compare(guide, read_scores(BASELINE)) if change.verdict == "worse"]
    assert worse == []


def test_the_baseline_holds_the_interviews_that_are_played_now(guide):
    assert read_scores(BASELINE).keys() == guide.keys()


def test_the_guide_keeps_to_own_words_and_one_question(guide):
    means = {name: found.mean for name, found in summary(guide).items()}
    assert means["quoted"] == 1
    assert means["own_words"] > 0.9
    assert means["one_question"] > 0.9
    assert means["repeated"] < 0.02


def damaged(monkeypatch, **replaced):
    for name, function in replaced.items():
        monkeypatch.setattr(rehearsing, name, function)
    scores = scores_of_guide(load_personas()[:10])
    return {change.measure.name: change.verdict for change in compare(scores, read_scores(BASELINE))}


def test_a_guide_that_puts_its_own_words_on_the_card_is_caught(monkeypatch):
    draft = rehearsing.draft_card
    foreign = ("Opportunities for holistic alignment", "Stakeholders across journeys", "Synergies that empower")

    def drafted(history, *, language):
        card = draft(history, language=language)
        return dataclasses.replace(card, policies=foreign, evidence=((), (), ()))

    verdicts = damaged(monkeypatch, draft_card=drafted)
    assert {verdicts[name] for name in ("own_words", "quoted", "one_source")} == {"worse"}


def test_a_guide_that_asks_the_same_again_is_caught(monkeypatch):
    ask = rehearsing.next_question

    def asked(history, **given):
        return dataclasses.replace(ask(history, **given), text="What did you notice? And what did you feel?")

    verdicts = damaged(monkeypatch, next_question=asked)
    assert {verdicts["repeated"], verdicts["one_question"]} == {"worse"}


def test_what_a_persona_mentions_beside_is_not_their_source():
    conductor = next(persona for persona in load_personas() if persona.quirk == "rambling")
    main, beside, *_ = topics_of(conductor, conductor.question)
    assert "weather" in beside
    assert not main & beside


def test_a_rehearsal_says_what_was_said_and_done():
    hurried = next(persona for persona in load_personas() if persona.quirk == "enough")
    played = rehearse(hurried, "night", situation="A message in the night")
    assert [line.by_person for line in played.lines[:4]] == [False, True, False, True]
    assert sum(line.by_person for line in played.lines) == 3


def test_scores_are_written_and_read_again(tmp_path):
    write_scores(scored(1 / 3), tmp_path / "scores.json")
    assert read_scores(tmp_path / "scores.json")["0:night"] == {"own_words": 0.3333}


def test_a_file_that_holds_no_scores_is_refused(tmp_path):
    (tmp_path / "other.json").write_text('{"format_version": 7}')
    with pytest.raises(NotABaseline, match="--write"):
        read_scores(tmp_path / "other.json")
    with pytest.raises(NotABaseline, match="--write"):
        read_scores(tmp_path / "missing.json")


@pytest.fixture
def study():
    return open_study(load_study(SHORT, now=NOW))


def run(*arguments):
    out = StringIO()
    call_command("score_interviews", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_a_studys_interviews_are_scored_and_stored(study, tmp_path):
    simulate(study, crowd(2), seed=0, now=NOW)
    assert "2 interviews" in run("demo", "--write", str(tmp_path / "scores.json"))
    stored = read_scores(tmp_path / "scores.json")
    assert stored.keys() == {"1:night", "2:night"}
    assert all({measure.name for measure in MEASURES} == scores.keys() for scores in stored.values())


@pytest.mark.django_db
def test_what_became_worse_is_an_error_with_its_name(study, tmp_path):
    simulate(study, crowd(3), seed=0, now=NOW)
    run("demo", "--write", str(tmp_path / "scores.json"))
    ValuesCard.objects.update(policies=["Foreign words alone"] * 3, title="Foreign", description="Foreign")
    with pytest.raises(CommandError, match="Own words kept"):
        run("demo", "--compare", str(tmp_path / "scores.json"))


@pytest.mark.django_db
def test_nobody_but_simulated_people_is_scored(study):
    person = make_consenting_participant(study)
    make_confirmed_card(person)
    assert scores_of_study(study) == {}
    with pytest.raises(CommandError, match="manage.py simulate"):
        run("demo")

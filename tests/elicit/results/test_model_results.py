from datetime import timedelta

import pytest

from elicit.models import Conversation, Exchange, ShownNumbers, Utterance
from elicit.results.models import model_results_of
from tests.elicit.results.answered import people, rate
from tests.make import NOW, make_study

pytestmark = pytest.mark.django_db


def ranking_of(study):
    return model_results_of(study, "person").ranking


def leave_out(who):
    for one in who:
        one.excluded_at, one.excluded_because = one.began_at, "test"
        one.save()


def test_the_model_that_is_rated_higher_comes_first_with_its_interval():
    study = make_study()
    who = people(study, 24)
    rate(who[:16], {"kite": 80, "heron": 30})
    rate(who[16:], {"kite": 30, "heron": 80})
    first, second = ranking_of(study).models
    assert (first.name, second.name) == ("kite", "heron")
    assert first.strength == pytest.approx(0.3466, abs=1e-3)  # half of log(16 / 8)
    assert first.low < first.strength < first.high
    assert (first.people, first.answers, first.mean) == (24, 24, pytest.approx(63.33, abs=0.01))


def test_nothing_is_said_of_the_ratings_of_nine_people():
    study = make_study()
    rate(people(study, 9), {"kite": 80, "heron": 30})
    ranking = ranking_of(study)
    assert (ranking.models, ranking.trouble) == ((), "few")


def test_models_that_nobody_compared_are_not_ranked():
    study = make_study()
    who = people(study, 20)
    rate(who[:10], {"kite": 80, "heron": 30})
    rate(who[10:], {"wren": 80, "owl": 30})
    assert ranking_of(study).trouble == "apart"


def test_a_model_that_nine_people_rated_is_counted_and_not_shown():
    study = make_study()
    who = people(study, 25)
    rate(who[:8], {"kite": 80, "heron": 30})
    rate(who[8:16], {"kite": 30, "heron": 80})
    rate(who[16:], {"kite": 60, "wren": 20})
    ranking = ranking_of(study)
    assert ({model.name for model in ranking.models}, ranking.few) == ({"kite", "heron"}, 1)


def test_the_ranking_stays_until_ten_people_have_left():
    study = make_study()
    who = people(study, 40)
    rate(who[:20], {"kite": 80, "heron": 30})
    rate(who[20:], {"kite": 30, "heron": 80})
    before = ranking_of(study)
    leave_out(who[:9])
    assert ranking_of(study) == before
    leave_out(who[9:10])
    assert ranking_of(study).people == 30
    assert ranking_of(study).models[0].name == "heron"


def test_the_ranking_stays_until_ten_more_people_have_rated():
    study = make_study()
    who = people(study, 40)
    rate(who[:10], {"kite": 80, "heron": 30})
    rate(who[10:20], {"kite": 30, "heron": 80})
    assert ranking_of(study).people == 20
    rate(who[20:29], {"kite": 80, "heron": 30})
    assert ranking_of(study).people == 20
    rate(who[29:30], {"kite": 80, "heron": 30})
    assert (ranking_of(study).people, ranking_of(study).models[0].name) == (30, "kite")


def test_what_is_kept_of_a_ranking_names_nobody():
    study = make_study()
    who = people(study, 12)
    rate(who[:6], {"kite": 80, "heron": 30})
    rate(who[6:], {"kite": 30, "heron": 80})
    ranking_of(study)
    kept = ShownNumbers.objects.get(study=study, page="models").numbers
    assert kept["cuts"] == {"everybody": [NOW.timestamp(), {"": 12, "kite": 12, "heron": 12}]}
    assert not any(one.code in str(kept) for one in who)


def test_the_ratings_of_programs_are_followed_at_once():
    study = make_study()
    who = people(study, 21, origin="simulated")
    rate(who[:10], {"kite": 80, "heron": 30})
    rate(who[10:20], {"kite": 30, "heron": 80})
    assert model_results_of(study, "simulated").ranking.people == 20
    rate(who[20:], {"kite": 80, "heron": 30})
    assert model_results_of(study, "simulated").ranking.people == 21


def test_what_is_good_for_everybody_stands_beside_what_is_good_for_oneself():
    study = make_study()
    rate(people(study, 12), {"kite": 80, "heron": 30})
    Utterance.objects.filter(model_name="kite").update(society_score=60)
    (kite,) = model_results_of(study, "person").society
    assert (kite.model, kite.people) == ("kite", 12)
    assert (kite.personal.value, kite.society.value, kite.difference.value) == (80, 60, -20)


def test_own_instructions_are_compared_within_the_same_exchange():
    study = make_study()
    rate(people(study, 12), {"kite": 50, "heron": 40})
    Conversation.objects.update(arm="own_system")
    for number, exchange in enumerate(Exchange.objects.order_by("pk")):
        Utterance.objects.create(
            exchange=exchange, position=2, model_name="kite", propensity=0.5, text="Hi", system="own",
            score=60 + number % 2 * 10,
        )  # fmt: skip
    own = model_results_of(study, "person").own
    assert (own.difference.value, own.people, own.pairs) == (pytest.approx(15), 12, 12)
    assert own.difference.low < 15 < own.difference.high


def test_style_explains_scores_that_follow_it_and_leaves_the_models_equal():
    study = make_study()
    who = people(study, 24)
    rate(who, {"kite": 80, "heron": 30})
    for number, one in enumerate(Utterance.objects.order_by("pk")):
        is_long = number % 3 == 0
        Utterance.objects.filter(pk=one.pk).update(
            text="word " * (20 if is_long else 10), score=(70 if is_long else 40) + number % 2
        )
    style = model_results_of(study, "person").style
    assert style.explained > 0.95
    (length,) = style.features
    assert (length.name, length.value) == ("length", pytest.approx(60, abs=2))  # 30 points for 50 characters
    assert abs(style.models[0].value) < 1


def answer_under_own(who):
    """Let each of some people have rated an answer of kite under their own instructions beside it."""
    Conversation.objects.filter(participant__in=who).update(arm="own_system")
    for exchange in Exchange.objects.filter(conversation__participant__in=who):
        Utterance.objects.create(
            exchange=exchange, position=2, model_name="kite", propensity=0.5, text="Hi", system="own", score=65
        )


def test_what_is_said_of_own_instructions_moves_by_ten_people_too():
    study = make_study()
    who = people(study, 36)
    rate(who[:12], {"kite": 50, "heron": 40})
    answer_under_own(who[:12])
    assert model_results_of(study, "person").own.people == 12
    rate(who[12:24], {"kite": 50, "heron": 40}, at=NOW + timedelta(hours=1))
    answer_under_own(who[12:13])
    found = model_results_of(study, "person")
    assert (found.ranking.people, found.own.people) == (24, 12)
    rate(who[24:], {"kite": 50, "heron": 40}, at=NOW + timedelta(hours=2))
    answer_under_own(who[24:])
    assert model_results_of(study, "person").own.people == 25


def test_what_is_good_for_everybody_moves_by_ten_people_too():
    study = make_study()
    who = people(study, 24)
    rate(who[:12], {"kite": 80, "heron": 30})
    Utterance.objects.filter(model_name="kite").update(society_score=60)
    assert [row.people for row in model_results_of(study, "person").society] == [12]
    rate(who[12:], {"kite": 80, "heron": 30}, at=NOW + timedelta(hours=1))
    Utterance.objects.filter(model_name="kite", exchange__conversation__participant=who[12]).update(society_score=60)
    found = model_results_of(study, "person")
    assert (found.ranking.people, [row.people for row in found.society]) == (24, [12])

import pytest

from elicit.results.models import ranking_of
from tests.elicit.results.answered import people, rate
from tests.make import make_study

pytestmark = pytest.mark.django_db


def test_the_model_that_is_rated_higher_comes_first_with_its_interval():
    study = make_study()
    who = people(study, 24)
    rate(who[:16], {"kite": 80, "heron": 30})
    rate(who[16:], {"kite": 30, "heron": 80})
    first, second = ranking_of(study, "person").models
    assert (first.name, second.name) == ("kite", "heron")
    assert first.strength == pytest.approx(0.3466, abs=1e-3)  # half of log(16 / 8)
    assert first.low < first.strength < first.high
    assert (first.people, first.answers, first.mean) == (24, 24, pytest.approx(63.33, abs=0.01))


def test_nothing_is_said_of_the_ratings_of_nine_people():
    study = make_study()
    rate(people(study, 9), {"kite": 80, "heron": 30})
    assert (ranking_of(study, "person").models, ranking_of(study, "person").trouble) == ((), "few")


def test_models_that_nobody_compared_are_not_ranked():
    study = make_study()
    who = people(study, 20)
    rate(who[:10], {"kite": 80, "heron": 30})
    rate(who[10:], {"wren": 80, "owl": 30})
    assert ranking_of(study, "person").trouble == "apart"


def test_the_ranking_follows_who_is_left_out():
    study = make_study()
    who = people(study, 24)
    rate(who[:12], {"kite": 80, "heron": 30})
    rate(who[12:], {"kite": 30, "heron": 80})
    assert ranking_of(study, "person").models[0].strength == pytest.approx(0, abs=1e-6)
    who[0].excluded_at, who[0].excluded_because = who[0].began_at, "test"
    who[0].save()
    assert ranking_of(study, "person").models[0].name == "heron"

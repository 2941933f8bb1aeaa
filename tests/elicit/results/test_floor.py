import pytest

from elicit.models import ShownNumbers
from elicit.results.floor import Floor
from tests.make import make_study

pytestmark = pytest.mark.django_db


def view(study, counts, *, origin="person"):
    with Floor(study, "answers", origin=origin) as floor:
        return floor.counts("one", counts)


def test_a_small_count_is_held_back_with_another_that_would_give_it_away():
    shown = view(make_study(), {"yes": 40, "no": 25, "unsure": 3})
    assert dict(shown.cells) == {"yes": 40, "no": None, "unsure": None}
    assert shown.total == 68


def test_a_count_moves_by_ten_or_not_at_all():
    study = make_study()
    view(study, {"yes": 40, "no": 25})
    assert dict(view(study, {"yes": 49, "no": 25}).cells) == {"yes": 40, "no": 25}
    assert dict(view(study, {"yes": 50, "no": 25}).cells) == {"yes": 50, "no": 25}


def test_an_answer_that_is_new_starts_from_nobody():
    study = make_study()
    view(study, {"Chile": 40, "Ghana": 20})
    assert view(study, {"Chile": 40, "Ghana": 20, "Peru": 12}).cells["Peru"] == 12


def test_the_numbers_of_programs_are_shown_as_they_are():
    study = make_study()
    assert dict(view(study, {"yes": 1, "no": 0}, origin="simulated").cells) == {"yes": 1, "no": 0}
    assert ShownNumbers.objects.get(study=study).numbers == {}


def test_a_mean_stays_until_ten_more_people_have_come():
    study = make_study()
    found = []
    for values in ([50.0] * 12, [50.0] * 12 + [100.0] * 5, [50.0] * 12 + [100.0] * 12):
        with Floor(study, "answers", origin="person") as floor:
            found.append(floor.mean("one", values))
    assert [(one.people, one.mean.value) for one in found] == [(12, 50), (12, 50), (24, 75)]


def test_there_is_no_mean_of_nine_people():
    with Floor(make_study(), "answers", origin="person") as floor:
        assert floor.mean("one", [1.0] * 9) is None


def test_a_view_that_breaks_off_keeps_nothing():
    study = make_study()
    with pytest.raises(KeyError), Floor(study, "answers", origin="person") as floor:
        floor.counts("one", {"yes": 40})
        raise KeyError
    assert not ShownNumbers.objects.filter(study=study).exists()

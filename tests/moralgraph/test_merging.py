"""Which canonical card stands for one that was merged."""

import pytest

from moralgraph.merging import card_mapping, standing_card
from tests.make import make_canonical_card, make_study

pytestmark = pytest.mark.django_db


def test_a_merged_card_is_named_by_the_one_that_stands_for_it_however_often_it_was_merged():
    study = make_study()
    last = make_canonical_card(study, title="Last")
    middle = make_canonical_card(study, title="Middle", merged_into=last)
    first = make_canonical_card(study, title="First", merged_into=middle)
    make_canonical_card(make_study(), title="Elsewhere")
    assert card_mapping(study) == {"Last": "Last", "Middle": "Last", "First": "Last"}
    assert standing_card(first) == last


def test_reading_the_mapping_takes_one_query(django_assert_num_queries):
    study = make_study()
    make_canonical_card(study)
    with django_assert_num_queries(1):
        card_mapping(study)

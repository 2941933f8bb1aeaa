from hypothesis import given
from hypothesis import strategies as st

from elicit.prism.ids import first_interactions, id_number


def test_interaction_10_belongs_to_conversation_100_when_turns_are_few():
    first = first_interactions([5] + [2] * 100)
    by_rank = sorted(range(101), key=lambda number: first[number])
    assert by_rank[:6] == [0, 1, 10, 100, 11, 12]
    assert first[100] == 5 + 2 + 2


@given(st.lists(st.integers(1, 5), max_size=150))
def test_interactions_are_the_rank_of_conversation_as_text_and_turn(turns):
    pairs = sorted((f"c{number}", turn) for number, count in enumerate(turns) for turn in range(count))
    first = first_interactions(turns)
    assert [first[int(name[1:])] + turn for name, turn in pairs] == list(range(len(pairs)))


@given(st.text(max_size=8))
def test_only_plain_numbers_are_numbers_of_ids(text):
    number = id_number(f"c{text}", "c")
    assert number is None or f"c{number}" == f"c{text}"

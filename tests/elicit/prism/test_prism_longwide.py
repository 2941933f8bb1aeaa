import pytest

from elicit.prism.longwide import MixedInteraction, long_again, long_form, wide_columns, wide_form
from elicit.prism.schema import UTTERANCES


def item(turn, place, *, score=50, chosen=False, text="Hi"):
    return {
        "turn": turn, "role": "model", "content": text, "model_provider": "openai", "model_name": "gpt-4",
        "score": score, "if_chosen": chosen, "within_turn_id": place,
    }  # fmt: skip


def talk(number, *turns):
    history = []
    for turn, answers in enumerate(turns):
        history.append({"turn": turn, "role": "user", "content": f"prompt {turn}"})
        history += [item(turn, place) for place in range(answers)]
    return {
        "conversation_id": f"c{number}", "user_id": "user0", "conversation_type": "unguided",
        "conversation_turns": len(turns), "conversation_history": history, "included_in_balanced_subset": False,
    }  # fmt: skip


def test_each_answer_becomes_a_row_with_the_prompt_of_its_turn():
    rows = list(long_form([talk(0, 3, 2)]))
    assert [row["user_prompt"] for row in rows] == ["prompt 0"] * 3 + ["prompt 1"] * 2
    assert [row["utterance_id"] for row in rows] == ["ut0", "ut1", "ut2", "ut3", "ut4"]
    assert tuple(rows[0]) == UTTERANCES.field_names


def test_interactions_rank_conversations_as_text():
    rows = list(long_form([talk(number, 1, 2) for number in range(11)]))
    of_ten = [row["interaction_id"] for row in rows if row["conversation_id"] == "c10"]
    assert of_ten == ["int4", "int5", "int5"]


def test_the_wide_form_has_41_columns_and_none_where_no_answer_was():
    wide = list(wide_form(long_form([talk(0, 3, 2)])))
    assert len(wide_columns()) == 41
    assert [len(row) for row in wide] == [41, 41]
    assert (wide[0]["utterance_id_c"], wide[0]["utterance_id_d"], wide[1]["score_c"]) == ("ut2", None, None)


def test_wide_and_back_is_the_same():
    rows = list(long_form([talk(0, 4, 2, 2), talk(1, 1, 2)]))
    assert list(long_again(wide_form(rows))) == rows


def test_an_interaction_that_comes_back_is_refused():
    rows = list(long_form([talk(0, 1, 2)]))
    with pytest.raises(MixedInteraction, match="comes again"):
        list(wide_form([*rows, rows[0]]))


def test_an_interaction_with_five_answers_is_refused():
    with pytest.raises(MixedInteraction, match="5 answers"):
        list(wide_form(long_form([talk(0, 5)])))


def test_rows_that_disagree_on_their_prompt_are_refused():
    rows = list(long_form([talk(0, 2)]))
    with pytest.raises(MixedInteraction, match="disagree"):
        list(wide_form([rows[0], rows[1] | {"user_prompt": "another"}]))

"""Hostile and broken releases: whatever is wrong is named at its place."""

import copy
import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elicit.prism.files import Release, line_of, write_lines, write_release
from elicit.prism.reports import KEPT
from elicit.prism.synthesis import synthesize
from elicit.prism.validation import validate

FILES = ("survey", "conversations", "utterances", "metadata", "models")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A valid release of 6 people as parsed rows."""
    folder = tmp_path_factory.mktemp("base") / "release"
    synthesize(folder, participants=6, seed=5)
    return {name: [json.loads(line) for line in (folder / f"{name}.jsonl").open()] for name in FILES}


@pytest.fixture
def rows(base):
    return copy.deepcopy(base)


def report_on(rows, folder, release=None):
    for name in FILES:
        write_lines(folder / f"{name}.jsonl", rows[name])
    if release is not None:
        write_release(folder, release)
    return validate(folder)


def told(rows, folder, release=None):
    return {(v.file, v.line, v.rule) for v in report_on(rows, folder, release).violations}


def later_turn(rows, place=0):
    """Return an answer of the second turn of a conversation."""
    return [item for item in rows["conversations"][place]["conversation_history"] if item["turn"] == 1][1 + place % 2]


def test_the_release_is_valid_to_begin_with(rows, tmp_path):
    assert told(rows, tmp_path) == set()


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(rows, tmp_path, name):
    report_on(rows, tmp_path)
    (tmp_path / f"{name}.jsonl").unlink()
    assert (f"{name}.jsonl", 0, "file_missing") in {(v.file, v.line, v.rule) for v in validate(tmp_path).violations}


def test_a_folder_with_nothing_in_it_lacks_five_files(tmp_path):
    assert validate(tmp_path).counts == {"file_missing": 5}


def test_a_line_that_is_no_json_is_named_and_the_others_read(rows, tmp_path):
    report_on(rows, tmp_path)
    path = tmp_path / "metadata.jsonl"
    path.write_text(path.read_text().replace("\n", "\n{broken\n", 1))
    report = validate(tmp_path)
    assert [(v.file, v.line, v.rule) for v in report.violations] == [("metadata.jsonl", 2, "unreadable")]


def test_a_changed_file_is_told_by_its_checksum(tmp_path):
    synthesize(tmp_path / "release", participants=1)
    (tmp_path / "release" / "README.md").write_text("Real data!")
    assert validate(tmp_path / "release").counts == {"checksum": 1}


def test_violations_are_counted_but_only_the_first_are_kept(rows, tmp_path):
    for row in rows["utterances"]:
        row["extra"] = 1
    report = report_on(rows, tmp_path)
    assert report.counts["extra_key"] == len(rows["utterances"]) > KEPT
    assert sum(v.rule == "extra_key" for v in report.violations) == KEPT


def test_interactions_ranked_as_numbers_are_named(rows, tmp_path):
    turns = [row["conversation_turns"] for row in rows["conversations"]]
    starts = [sum(turns[:place]) for place in range(len(turns))]
    for row in rows["utterances"]:
        row["interaction_id"] = f"int{starts[int(row['conversation_id'][1:])] + row['turn']}"
    assert "interaction_rank" in report_on(rows, tmp_path).counts


def test_wrong_texts_never_reach_a_message_at_length(rows, tmp_path):
    rows["survey"][0]["age"] = "x" * 100_000
    assert max(len(str(v)) for v in report_on(rows, tmp_path).violations) < 300


def test_quirks_of_the_published_files_are_accepted(rows, tmp_path):
    rows["conversations"][0]["performance_attributes"] = {}
    del rows["conversations"][1]["choice_attributes"]["values"]
    report_on(rows, tmp_path)
    path = tmp_path / "metadata.jsonl"
    path.write_text(path.read_text().replace('"pii_manual_flag": null', '"pii_manual_flag": NaN'))
    assert validate(tmp_path).counts == {}


def test_a_manual_flag_that_numpy_wrote_is_accepted(rows, tmp_path):
    rows["metadata"][0]["pii_manual_flag"] = 0.0
    assert told(rows, tmp_path) == set()


def test_equal_answers_may_both_be_chosen_on_later_turns(rows, tmp_path):
    answers = [item for item in rows["conversations"][0]["conversation_history"] if item["turn"] == 1][1:]
    answers[1]["content"] = answers[0]["content"]
    answers[0]["if_chosen"] = answers[1]["if_chosen"] = True
    for row in rows["utterances"]:
        if row["conversation_id"] == "c0" and row["turn"] == 1:
            row["model_response"], row["if_chosen"] = answers[0]["content"], True
    assert told(rows, tmp_path) == set()


def test_unequal_answers_may_not(rows, tmp_path):
    for item in rows["conversations"][0]["conversation_history"]:
        if item["turn"] == 1 and item["role"] == "model":
            item["if_chosen"] = True
    assert ("conversations.jsonl", 1, "chosen") in told(rows, tmp_path)


def test_metadata_in_a_folder_of_its_own_is_read(rows, tmp_path):
    report_on(rows, tmp_path)
    (tmp_path / "metadata").mkdir()
    shutil.move(tmp_path / "metadata.jsonl", tmp_path / "metadata" / "metadata.jsonl")
    assert validate(tmp_path).counts == {}


def test_another_study_may_have_other_countries_models_and_numbers(rows, tmp_path):
    place = {"birth_country": "Peru", "birth_countryISO": "PER", "reside_country": "Peru", "reside_countryISO": "PER"}
    place |= {f"{side}_region": "Americas" for side in ("birth", "reside")}
    place |= {f"{side}_subregion": "Latin America and the Caribbean" for side in ("birth", "reside")}
    place |= {"same_birth_reside_country": "Yes", "special_region": "Latin America and the Caribbean"}
    rows["survey"][0]["location"] |= place
    rows["survey"][0] |= {"study_locale": "peru", "included_in_US_REP": False, "included_in_UK_REP": False}
    rows["metadata"][0]["moderation_flag"] = None
    assert "enum" in report_on(rows, tmp_path).counts
    assert told(rows, tmp_path, Release(vocabulary="own")) == set()


def test_a_generalised_release_may_withhold_and_coarsen(rows, tmp_path):
    row = rows["survey"][0]
    row |= {"age": "18-34 years old", "education": None, "study_id": None}
    row |= {"included_in_US_REP": False, "included_in_UK_REP": False}
    assert set(report_on(rows, tmp_path).counts) == {"enum", "null"}
    assert told(rows, tmp_path, Release(vocabulary="own", level="generalised")) == set()


def test_a_declaration_that_cannot_be_read_is_named(rows, tmp_path):
    (tmp_path / "release.json").write_text("{}")
    assert ("release.json", 0, "release") in told(rows, tmp_path)


def change(file, path, value):
    """Return a mutation that puts a value where a dotted path leads in some row of a file."""

    def mutate(rows, pick):
        place = pick(len(rows[file]))
        *outer, last = path.split(".")
        target = rows[file][place]
        for name in outer:
            target = target[name]
        before, after = target[last], value(target[last])
        if (type(before), before) == (type(after), after):
            return None
        target[last] = after
        return {(f"{file}.jsonl", place + 1)}

    return mutate


def drop_key(file, name):
    def mutate(rows, pick):
        place = pick(len(rows[file]))
        del rows[file][place][name]
        return {(f"{file}.jsonl", place + 1)}

    return mutate


def drop_row(file, told_by):
    """Return a mutation that takes out a row; it is missed where the next row stands, or where its text does."""

    def mutate(rows, pick):
        place = pick(len(rows[file]) - 1)
        gone = rows[file].pop(place)
        return told_by(rows, gone, place)

    return mutate


def twice(file):
    def mutate(rows, pick):
        place = pick(len(rows[file]))
        rows[file].insert(place, copy.deepcopy(rows[file][place]))
        return {(f"{file}.jsonl", place + 2)}

    return mutate


def history(edit):
    """Return a mutation of one answer of one conversation."""

    def mutate(rows, pick):
        place = pick(len(rows["conversations"]))
        items = rows["conversations"][place]["conversation_history"]
        edit(items, pick)
        return {("conversations.jsonl", place + 1)}

    return mutate


def unchoose(items, pick):
    for item in items:
        item["if_chosen"] = False if item["role"] == "model" and item["turn"] == 0 else item.get("if_chosen")
    for item in items:
        if item["role"] == "user":
            item.pop("if_chosen", None)


def choose_the_worst(items, pick):
    answers = [item for item in items if item["role"] == "model" and item["turn"] == 1]
    answers[0] |= {"score": 2, "if_chosen": True, "content": "one"}
    answers[1] |= {"score": 99, "if_chosen": False, "content": "two"}


def swap_order(items, pick):
    items[1]["within_turn_id"] = 3 if items[1]["within_turn_id"] != 3 else 2


def other_text(items, pick):
    """The text of an answer differs from the utterance: told there."""
    items[0]["content"] += " and more"


def wrong_model(items, pick):
    item = next(item for item in items if item["role"] == "model" and item["turn"] == 1)
    item["model_name"] = "gpt-4" if item["model_name"] != "gpt-4" else "claude-2"


def text_differs(rows, pick):
    place = pick(len(rows["utterances"]))
    rows["utterances"][place]["model_response"] += "!"
    return {("utterances.jsonl", place + 1)}


def display_order(rows, pick):
    place = pick(len(rows["survey"]))
    order = rows["survey"][place]["order_stated_prefs"]
    order["values"] = order["fluency"]
    return {("survey.jsonl", place + 1)}


def utterance_gone(rows, gone, place):
    return {("utterances.jsonl", place + 1), ("conversations.jsonl", int(gone["conversation_id"][1:]) + 1)}


def metadata_gone(rows, gone, place):
    return {(v, line) for v, line in _text_places(rows, gone)}


def _text_places(rows, gone):
    column = gone["column_id"]
    if column in ("self_description", "system_string"):
        return [("survey.jsonl", int(gone["user_id"][4:]) + 1)]
    if column == "model_response":
        return [("utterances.jsonl", int(gone["utterance_id"][2:]) + 1)]
    return [("conversations.jsonl", int(gone["conversation_id"][1:]) + 1)]


def conversation_gone(rows, gone, place):
    return {("survey.jsonl", int(gone["user_id"][4:]) + 1)}


def survey_gone(rows, gone, place):
    return {("survey.jsonl", place + 1)}


def constant(value):
    return lambda before: value


MUTATIONS = {
    "extra key": change("models", "header", lambda before: 7),
    "wrong type of score": change("utterances", "score", lambda before: float(before)),
    "score of 0": change("utterances", "score", constant(0)),
    "score of 101": change("utterances", "score", constant(101)),
    "true as a score": change("utterances", "score", constant(True)),
    "another score": change("utterances", "score", lambda before: before % 100 + 1),
    "the other choice": change("utterances", "if_chosen", lambda before: not before),
    "unknown model": change("utterances", "model_name", constant("gpt-5")),
    "unknown user": change("utterances", "user_id", constant("user999")),
    "unknown conversation": change("utterances", "conversation_id", constant("c999")),
    "another prompt": change("utterances", "user_prompt", lambda before: before + " "),
    "another response": text_differs,
    "another interaction": change("utterances", "interaction_id", lambda before: before + "0"),
    "number with zeros": change("utterances", "utterance_id", lambda before: before.replace("ut", "ut0")),
    "another turn": change("utterances", "turn", lambda before: before + 1),
    "wrong age": change("survey", "age", constant("18 - 24")),
    "null": change("survey", "gender", constant(None)),
    "wrong completed": change("survey", "num_completed_conversations", lambda before: 7 - before),
    "survey only": change("survey", "survey_only", lambda before: not before),
    "slider over 100": change("survey", "stated_prefs.values", constant(101)),
    "balanced person": change("survey", "included_in_balanced_subset", lambda before: not before),
    "display order": display_order,
    "other not last": change("survey", "order_stated_prefs.other", constant(8)),
    "simplified": change("survey", "religion.simplified", lambda before: "Muslim" if before != "Muslim" else "Jewish"),
    "region": change("survey", "location.special_region", lambda before: "Oceania" if before != "Oceania" else "US"),
    "country code": change("survey", "location.birth_countryISO", constant("XXX")),
    "minutes": change("survey", "timing_duration_mins", lambda before: before + 0.5),
    "thirteenth month": change("survey", "generated_datetime", constant("2023-13-01 00:00:00")),
    "datetime form": change("conversations", "generated_datetime", constant("yesterday")),
    "opening prompt": change("conversations", "opening_prompt", lambda before: before + "?"),
    "turn count": change("conversations", "conversation_turns", lambda before: before + 1),
    "attribute over 100": change("conversations", "choice_attributes.values", constant(101)),
    "unknown owner": change("conversations", "user_id", constant("user999")),
    "history as text": change("conversations", "conversation_history", constant("none")),
    "nothing chosen": history(unchoose),
    "worst chosen": history(choose_the_worst),
    "answers misnumbered": history(swap_order),
    "first prompt": history(other_text),
    "another model later": history(wrong_model),
    "language": change("metadata", "language_flag", lambda before: "fr" if before == "en" else "en"),
    "metadata without user": change("metadata", "user_id", constant("user999")),
    "no such column": change("metadata", "column_id", constant("title")),
    "moderation score": change("metadata", "moderation_flag.category_scores.hate", constant(1.5e12)),
    "moderation flag": change("metadata", "moderation_flag.flagged", constant("no")),
    "misspelled provider": change("models", "model_provider", constant("openai")),
    "corrected spelling": change("models", "model_provider_type", constant("Commercial")),
    "parameter as a list": change("models", "selected_params.temperature", constant([1])),
    "no key in survey": drop_key("survey", "location"),
    "no key in conversations": drop_key("conversations", "open_feedback"),
    "no key in utterances": drop_key("utterances", "score"),
    "no key in metadata": drop_key("metadata", "pii_flag"),
    "no key in models": drop_key("models", "link"),
    "participant twice": twice("survey"),
    "conversation twice": twice("conversations"),
    "utterance twice": twice("utterances"),
    "metadata twice": twice("metadata"),
    "model twice": twice("models"),
    "participant gone": drop_row("survey", survey_gone),
    "conversation gone": drop_row("conversations", conversation_gone),
    "utterance gone": drop_row("utterances", utterance_gone),
    "metadata gone": drop_row("metadata", metadata_gone),
}


def mutated_and_told(base, kind, picks):
    rows = {name: list(found) for name, found in base.items()}
    rows = copy.deepcopy(rows)
    places = MUTATIONS[kind](rows, lambda length: picks(length))
    if places is None:
        return None, None
    with tempfile.TemporaryDirectory() as folder:
        report = report_on(rows, Path(folder))
    return places, report


@pytest.mark.parametrize("kind", MUTATIONS)
def test_every_kind_of_mutation_is_named_at_its_place(base, kind):
    places, report = mutated_and_told(base, kind, lambda length: 0)
    assert places is not None
    assert places <= {(v.file, v.line) for v in report.violations}


@settings(max_examples=60)
@given(data=st.data())
def test_any_mutation_of_any_row_is_named_at_its_place(base, data):
    kind = data.draw(st.sampled_from(sorted(MUTATIONS)))
    places, report = mutated_and_told(base, kind, lambda length: data.draw(st.integers(0, length - 1)))
    if places is not None:
        assert places <= {(v.file, v.line) for v in report.violations}, (kind, [str(v) for v in report.violations])


@settings(max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_value_anywhere_makes_the_validator_fall(base, value):
    row = copy.deepcopy(base["conversations"][0])
    for name in row:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "conversations.jsonl").write_text(line_of(row | {name: value}))
            assert not validate(Path(folder)).is_valid


@pytest.mark.parametrize(("file", "name"), [("models", "long_name"), ("metadata", "column_id")])
@pytest.mark.parametrize("value", [["a"], {"a": 1}])
def test_a_key_that_is_no_text_is_named_too(rows, tmp_path, file, name, value):
    rows[file][0][name] = value
    assert (f"{file}.jsonl", 1, "type") in told(rows, tmp_path)


def test_a_null_character_is_named_since_no_database_keeps_it(rows, tmp_path):
    rows["survey"][0]["system_string"] = "Be\x00kind"
    assert ("survey.jsonl", 1, "null_character") in told(rows, tmp_path)


@pytest.mark.parametrize("value", ["0001-01-01 00:00:00", "2023-13-45 00:00:00"])
def test_a_time_that_no_release_can_have_is_named(rows, tmp_path, value):
    rows["survey"][0]["generated_datetime"] = value
    assert ("survey.jsonl", 1) in {place[:2] for place in told(rows, tmp_path)}

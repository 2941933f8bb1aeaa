"""Reading a snapshot of any age."""

from moralgraph.algorithms.snapshot_content import FORMAT_VERSION, context_content, read_content


def test_an_older_snapshot_says_that_it_is_older_and_knows_nothing_more():
    found = read_content({"contexts": [{"key": "tired", "winner": "a"}], "totals": {"judgements": 4}})
    assert found["format_version"] == 1 < FORMAT_VERSION
    assert found["contexts"][0] | {"winner": "a", "wisest_set": None, "cycles": []} == found["contexts"][0]
    assert found["story_pull"] is None
    assert found["totals"]["dropped"] is None


def test_reading_changes_nothing_that_is_there():
    content = {"format_version": 2, "contexts": [], "sensitivity": [{"setting": "minimum_wiser"}], "totals": {}}
    assert read_content(content)["sensitivity"] == [{"setting": "minimum_wiser"}]
    assert "groups" not in content


def test_a_context_without_judgements_has_not_enough_evidence():
    assert context_content({"contexts": []}, "tired") | {"key": "tired"} == context_content({"contexts": []}, "tired")
    assert context_content({"contexts": [{"key": "tired", "winner": "b"}]}, "tired")["winner"] == "b"

"""What differs between two snapshots."""

from collections.abc import Callable
from typing import Any

from moralgraph.algorithms.building import build_classic, build_repaired
from moralgraph.algorithms.differences import BY_PAIR, Kind, differences
from moralgraph.algorithms.exchange import to_record
from moralgraph.algorithms.records import MoralGraph
from tests.moralgraph.algorithms.studies import HOME, WORK, Asked, about_equal, judged, wiser


def content(*asked: Asked, **more: Any) -> dict[str, Any]:
    return {"graph": to_record(build_repaired(judged(*asked))), **more}


def kinds(before: dict[str, Any], after: dict[str, Any]) -> list[Kind]:
    return [each.kind for each in differences(before, after)]


def test_a_snapshot_does_not_differ_from_itself():
    one = content(wiser("a", "b", 5), totals={"judgements": 5}, contexts=[{"key": WORK, "winner": "b"}])
    assert differences(one, one) == ()


def test_an_upgrade_is_gained_in_one_context_alone():
    found = differences(content(wiser("a", "b", 5)), content(wiser("a", "b", 5), wiser("a", "b", 4, HOME)))
    assert [(each.kind, each.context, each.before) for each in found] == [(Kind.EDGE_GAINED, HOME, None)]
    assert (found[0].after.wiser, found[0].after.compared, found[0].after.share) == (4, 4, 1.0)


def test_an_upgrade_and_a_card_are_lost():
    found = kinds(content(wiser("a", "b", 5), wiser("b", "c", 5)), content(wiser("a", "b", 5)))
    assert found == [Kind.CARD_LOST, Kind.EDGE_LOST]


def test_a_share_that_moved_within_its_interval_is_no_difference():
    near = content(wiser("a", "b", 10)), content(wiser("a", "b", 10), about_equal("a", "b", 1))
    assert kinds(*near) == []
    far = content(wiser("a", "b", 40)), content(wiser("a", "b", 40), about_equal("a", "b", 30))
    assert kinds(*far) == [Kind.EDGE_MOVED]


def test_winners_sets_and_standings_are_compared_by_context():
    before = content(contexts=[{"key": WORK, "standing": "settled", "winner": "a", "wisest_set": {"cards": ["a"]}}])
    after = content(contexts=[{"key": WORK, "standing": "several", "wisest_set": {"cards": ["a", "b"]}}])
    found = differences(before, after)
    assert [each.kind for each in found] == [Kind.STANDING, Kind.WINNER, Kind.SET]
    assert [(each.before, each.after) for each in found[1:]] == [("a", None), (("a",), ("a", "b"))]


def test_a_set_that_an_older_snapshot_does_not_know_is_no_difference():
    after = content(contexts=[{"key": WORK, "wisest_set": {"cards": ["a"]}}])
    assert kinds(content(contexts=[{"key": WORK}]), after) == []


def test_the_method_and_the_partition_are_named():
    other = {"graph": to_record(build_classic(judged())), "partition": {"number": 2, "hash": "x"}}
    found = differences(content(), other)
    assert [(each.kind, each.before, each.after) for each in found] == [
        (Kind.METHOD, "repaired", "classic"), (Kind.PARTITION, None, 2)
    ]  # fmt: skip


def built(build: Callable[..., MoralGraph], *asked: Asked) -> dict[str, Any]:
    return {"graph": to_record(build(judged(*asked)))}


def test_the_same_upgrades_by_two_methods_are_no_difference_though_only_one_keeps_them_by_context():
    asked = wiser("a", "b", 7), wiser("a", "b", 5, HOME), wiser("b", "c", 4, HOME)
    (found,) = differences(built(build_classic, *asked), built(build_repaired, *asked))
    assert (found.kind, found.name) == (Kind.METHOD, BY_PAIR)


def test_an_upgrade_that_one_method_keeps_is_counted_once_over_all_contexts():
    asked = wiser("a", "b", 2), about_equal("a", "b", 3), wiser("a", "c", 5)
    _method, *found = differences(built(build_repaired, *asked), built(build_classic, *asked))
    assert [(each.kind, each.second, each.context) for each in found] == [
        (Kind.CARD_GAINED, None, None), (Kind.EDGE_GAINED, "b", None)
    ]  # fmt: skip
    assert (found[1].after.wiser, found[1].after.compared) == (2, 5)


def test_standings_are_those_of_the_confidence_sets_and_of_two_methods_only_those():
    settled = {"standing": "settled", "cards": ["a"]}
    undecided = {"key": WORK, "standing": "settled", "winner": "a", "wisest_set": settled | {"standing": "several"}}
    asked = wiser("a", "b", 5)
    before = built(build_classic, asked) | {"contexts": [{"key": WORK, "standing": "several"}]}
    after = built(build_repaired, asked) | {"contexts": [undecided]}
    assert kinds(before, after) == [Kind.METHOD]
    before["contexts"][0]["wisest_set"] = settled
    assert kinds(before, after) == [Kind.METHOD, Kind.STANDING, Kind.WINNER]

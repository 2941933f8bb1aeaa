from moralgraph.algorithms.building import build_repaired
from moralgraph.algorithms.group_agreement import agreement_across_groups
from moralgraph.algorithms.minority import Hidden, MinorityValue, minority_values
from moralgraph.algorithms.records import Judgements
from tests.moralgraph.algorithms.studies import HOME, WORK, about_equal, judged, wiser


def hidden(judgements: Judgements, **more: object) -> list[tuple[str, Hidden]]:
    found = minority_values(judgements, build_repaired(judgements), context=WORK, **more)
    return [(value.card, value.reason) for value in found]


def test_a_card_that_few_judged_but_surely_stays_visible():
    judgements = judged(wiser("a", "b", 60), about_equal("a", "b", 20), wiser("b", "c", 8), wiser("c", "a", 30))
    assert ("c", Hidden.FEW_BUT_SURE) in hidden(judgements)
    assert ("b", Hidden.FEW_BUT_SURE) not in hidden(judgements)


def test_a_card_that_a_limit_dropped_is_named_with_its_evidence():
    found = minority_values(
        judged(wiser("a", "b", 1), wiser("b", "a", 9)), build_repaired(judged(wiser("b", "a", 9))), context=WORK
    )
    dropped = [value for value in found if value.reason is Hidden.DROPPED_BY_A_LIMIT]
    assert [(value.card, value.beside, value.people, value.share) for value in dropped] == [("b", "a", 1, 1.0)]


def test_a_card_that_only_a_group_prefers_is_named_with_the_group():
    judgements = judged(wiser("a", "b", 20), about_equal("a", "b", 40))
    groups = {name: "north" if code < 20 else "south" for code, name in enumerate(judgements.participants)}
    across = agreement_across_groups(judgements, groups)
    found = minority_values(judgements, build_repaired(judgements), context=WORK, across_groups=across)
    preferred = [value for value in found if value.reason is Hidden.PREFERRED_IN_A_GROUP]
    assert [(value.card, value.group, value.share) for value in preferred] == [("b", "north", 1.0)]


def test_a_card_that_nobody_was_asked_about_cannot_win_and_is_named():
    assert ("a", Hidden.NEVER_ASKED_ABOUT) in hidden(judged(wiser("a", "b", 30)))
    assert ("a", Hidden.NEVER_ASKED_ABOUT) not in hidden(judged(wiser("a", "b", 30), wiser("b", "a", 1)))


def test_other_contexts_hide_nothing_here():
    assert hidden(judged(wiser("a", "b", 3, HOME))) == []


def test_a_card_is_named_once_for_a_reason_with_its_surest_evidence():
    judgements = judged(wiser("a", "c", 5), wiser("b", "c", 9))
    values = minority_values(judgements, build_repaired(judgements), context=WORK)
    sure: list[MinorityValue] = [value for value in values if value.reason is Hidden.FEW_BUT_SURE]
    assert [(value.card, value.beside) for value in sure] == [("c", "b")]

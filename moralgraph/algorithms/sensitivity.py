"""Say what would have come out with other choices: each limit, the method, the stories, and how answers are read.

Every choice is changed alone, from the usual one, on the same judgements. A row says how many upgrades and cards are
left, which card comes first in each context, and which cards contend.

Rule that must stay true: the usual choice is one of the rows, and no row is left out because it looks bad.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from moralgraph.algorithms.bradley_terry import fit_comparisons
from moralgraph.algorithms.building import (
    CLASSIC,
    MAJORITY,
    PUBLISHED_MAXIMUM_ENTROPY,
    PUBLISHED_MINIMUM_LIKELIHOOD,
    PUBLISHED_MINIMUM_WISER,
    REPAIRED,
    build_classic,
    build_repaired,
)
from moralgraph.algorithms.comparisons import Comparisons, comparisons_of, inverse_probability
from moralgraph.algorithms.rank_confidence import LEVEL
from moralgraph.algorithms.ranking import rank_classic, rank_repaired, wisest
from moralgraph.algorithms.records import ANSWERS, STORIES, Answer, Judgements, MoralGraph, Story
from moralgraph.algorithms.wisest_sets import wisest_of

BRADLEY_TERRY = "bradley_terry"

MINIMUM_WISER = (1, 2, 3, 5)
MINIMUM_LIKELIHOOD = (0.2, PUBLISHED_MINIMUM_LIKELIHOOD, MAJORITY, 0.6)
NO_LIMIT = float("inf")
MAXIMUM_ENTROPY = (PUBLISHED_MAXIMUM_ENTROPY, NO_LIMIT)

Build = Callable[[Judgements], MoralGraph]


@dataclass(frozen=True)
class SensitivityRow:
    """What comes out with one choice.

    Attributes
    ----------
    method
        The method whose choice it is: classic, repaired or bradley_terry.
    setting, value
        Which choice, and what was chosen; `usual` as the setting is the method as it is.
    is_usual
        Whether this is what the method does by itself.
    edges, cards
        What the graph holds; None for Bradley-Terry, which makes no graph.
    winners
        The card that comes first in each context, None where there is none.
    sets
        The cards that contend in each context: the wisest set of Bradley-Terry, else the contenders of `ranking`.
    changed
        Contexts whose first card is another one than the method's usual.
    """

    method: str
    setting: str
    value: str
    is_usual: bool
    edges: int | None
    cards: int | None
    winners: dict[str, str | None]
    sets: dict[str, tuple[str, ...]]
    changed: tuple[str, ...]


def sensitivity(judgements: Judgements, *, seed: int, level: float = LEVEL) -> tuple[SensitivityRow, ...]:
    """Return a row for every choice, by method; the usual one first.

    Parameters
    ----------
    seed
        Of the draws of the wisest sets; every row uses the same ones.

    Examples
    --------
    Two of two say that b is wiser: with five "wiser" answers asked for there is no upgrade.

    >>> judgements = Judgements.from_columns(
    ...     participant=range(2), first=["a"] * 2, second=["b"] * 2, context=["w"] * 2, answer=["wiser"] * 2)
    >>> rows = sensitivity(judgements, seed=1)
    >>> asked = [row for row in rows if (row.method, row.setting) == ("repaired", "minimum_wiser")]
    >>> [(row.value, row.edges, row.changed) for row in asked]
    [('1', 1, ()), ('2', 1, ()), ('3', 0, ('w',)), ('5', 0, ('w',))]
    """
    used = judgements.select(judgements.repeat == 0)
    return (
        *_of_method(used, CLASSIC, _classic_choices(used)),
        *_of_method(used, REPAIRED, _repaired_choices(used)),
        *_bradley_terry_rows(used, seed=seed, level=level),
    )


Choice = tuple[str, str, bool, Build, Judgements]


def _classic_choices(judgements: Judgements) -> Iterator[Choice]:
    yield "usual", "", True, build_classic, judgements
    for number in MINIMUM_WISER:
        is_usual = number == PUBLISHED_MINIMUM_WISER
        yield "minimum_wiser", str(number), is_usual, _classic(minimum_wiser=number), judgements
    for share in MINIMUM_LIKELIHOOD:
        is_usual = share == PUBLISHED_MINIMUM_LIKELIHOOD
        yield "minimum_likelihood", str(share), is_usual, _classic(minimum_likelihood=share), judgements
    for bits in MAXIMUM_ENTROPY:
        value = "off" if bits == NO_LIMIT else str(bits)
        yield "maximum_entropy", value, bits == PUBLISHED_MAXIMUM_ENTROPY, _classic(maximum_entropy=bits), judgements
    for setting, value, part in _readings(judgements):
        yield setting, value, False, build_classic, part


def _repaired_choices(judgements: Judgements) -> Iterator[Choice]:
    yield "usual", "", True, build_repaired, judgements
    for number in MINIMUM_WISER:
        is_usual = number == PUBLISHED_MINIMUM_WISER
        yield "minimum_wiser", str(number), is_usual, _repaired(minimum_wiser=number), judgements
    for share in MINIMUM_LIKELIHOOD:
        yield "minimum_likelihood", str(share), share == MAJORITY, _repaired(minimum_likelihood=share), judgements
    for setting, value, part in _readings(judgements):
        yield setting, value, False, build_repaired, part


def _classic(**limits: float) -> Build:
    return lambda judgements: build_classic(judgements, **limits)  # type: ignore[arg-type]


def _repaired(**limits: float) -> Build:
    return lambda judgements: build_repaired(judgements, **limits)  # type: ignore[arg-type]


def _readings(judgements: Judgements) -> Iterator[tuple[str, str, Judgements]]:
    """Return other readings of the answers, and the judgements without those that stood beside a story."""
    cannot = ANSWERS.index(Answer.CANNOT_JUDGE)
    denied = np.where(judgements.answer == cannot, ANSWERS.index(Answer.ABOUT_EQUAL), judgements.answer)
    yield "cannot_judge", "counts against", replace(judgements, answer=denied)
    yield "cannot_judge", "left out", judgements.select(judgements.answer != cannot)
    apart = [ANSWERS.index(Answer.BOTH_NEEDED), ANSWERS.index(Answer.DIFFERENT_CONCERNS)]
    yield "both_needed, different_concerns", "left out", judgements.select(~np.isin(judgements.answer, apart))
    yield from _without_stories(judgements)


def _without_stories(judgements: Judgements) -> Iterator[tuple[str, str, Judgements]]:
    """Return the judgements without some stories; nothing where no story was recorded, so that none can be left out."""
    if (judgements.story == STORIES.index(Story.UNKNOWN)).all():
        return
    one_sided = [STORIES.index(Story.FORWARD), STORIES.index(Story.REVERSE)]
    yield "stories", "without one-sided ones", judgements.select(~np.isin(judgements.story, one_sided))
    yield "stories", "none at all", judgements.select(judgements.story == STORIES.index(Story.NONE))


def _of_method(judgements: Judgements, method: str, choices: Iterator[Choice]) -> Iterator[SensitivityRow]:
    rank = rank_classic if method == CLASSIC else rank_repaired
    usual: dict[str, str | None] = {}
    for setting, value, is_usual, build, part in choices:
        graph = build(part)
        winners = {context: next(iter(rank(graph, context=context)), None) for context in judgements.contexts}
        usual = usual or winners
        yield SensitivityRow(
            method=method,
            setting=setting,
            value=value,
            is_usual=is_usual,
            edges=len(graph.edges),
            cards=len(graph.cards),
            winners=winners,
            sets={context: wisest(graph, context=context).contenders for context in judgements.contexts},
            changed=_changed(winners, usual),
        )


Weigh = Callable[[Comparisons], Comparisons]


def _order_choices(judgements: Judgements) -> Iterator[tuple[str, str, bool, Judgements, Weigh]]:
    """Return what can be chosen of the latent order: which answers and stories count, and how a draw is weighed."""
    apart = [ANSWERS.index(Answer.BOTH_NEEDED), ANSWERS.index(Answer.DIFFERENT_CONCERNS)]
    as_equal = np.where(np.isin(judgements.answer, apart), ANSWERS.index(Answer.ABOUT_EQUAL), judgements.answer)
    yield "usual", "", True, judgements, _as_weighed
    yield "weights", "every judgement alike", False, judgements, _alike
    yield "weights", "recorded probability", False, judgements, _by_probability
    yield "both_needed, different_concerns", "half each", False, replace(judgements, answer=as_equal), _as_weighed
    for setting, value, part in _without_stories(judgements):
        yield setting, value, False, part, _as_weighed


def _as_weighed(comparisons: Comparisons) -> Comparisons:
    return comparisons


def _alike(comparisons: Comparisons) -> Comparisons:
    return replace(comparisons, weight=np.ones(len(comparisons)))


def _by_probability(comparisons: Comparisons) -> Comparisons:
    return replace(comparisons, weight=inverse_probability(comparisons.probability))


def _bradley_terry_rows(judgements: Judgements, *, seed: int, level: float) -> Iterator[SensitivityRow]:
    usual: dict[str, str | None] = {}
    for setting, value, is_usual, part, weigh in _order_choices(judgements):
        winners: dict[str, str | None] = {}
        sets: dict[str, tuple[str, ...]] = {}
        for context in judgements.contexts:
            fit = fit_comparisons(weigh(comparisons_of(part, context=context)))
            found = wisest_of(fit, context=context, rng=np.random.default_rng(seed), level=level)
            winners[context] = found.placed[0].card if found.placed else None
            sets[context] = found.cards
        usual = usual or winners
        changed = _changed(winners, usual)
        yield SensitivityRow(BRADLEY_TERRY, setting, value, is_usual, None, None, winners, sets, changed)


def _changed(winners: Mapping[str, str | None], usual: Mapping[str, str | None]) -> tuple[str, ...]:
    return tuple(context for context, winner in winners.items() if winner != usual[context])

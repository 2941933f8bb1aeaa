"""How much of a score is an answer's style, and how the models stand among answers alike in style.

Rule: it stands beside the ranking and replaces none. People may rightly prefer a longer answer.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from elicit.analysis.privacy_floor import LEAST_PEOPLE
from elicit.analysis.ratings import Floats
from elicit.analysis.scores import means_by_model
from elicit.analysis.style import FEATURES, Styles, score_by_style, style_controlled_means, styles_of
from elicit.models import Study, Utterance
from elicit.results.ratings import Rated
from elicit.results.who_counts import who_counts

AT_ONCE = 2000  # texts that are held at a time
A_HUNDRED = 100  # characters: what one is worth is too little to read


Texts = Iterable[tuple[int, str]]


@dataclass(frozen=True)
class Effect:
    """A number with its interval, clustered by person."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Style:
    """Style in scores: the share of their variance that it explains, what each feature is worth, models held equal.

    `features` are points of score; that of `length` is for a hundred characters. `models` are points against the mean
    model among answers alike in style, the highest first; `plain` the same without holding style equal.
    """

    explained: float
    people: int
    answers: int
    features: tuple[Effect, ...]
    models: tuple[Effect, ...]
    plain: tuple[float, ...]


def style_of(rated: Rated, texts: Texts) -> Style | None:
    """Return what style explains of first answers' scores, or None where there is too little to say."""
    enough = means_by_model(rated.ratings).people >= LEAST_PEOPLE
    kept = rated.where(enough[rated.ratings.model])
    if len(np.unique(kept.ratings.participant)) < LEAST_PEOPLE:
        return None
    styles = _styles_of(kept.utterance.tolist(), texts)
    try:
        score, held = score_by_style(kept.ratings, styles), style_controlled_means(kept.ratings, styles)
    except ValueError:  # answers that are too much alike, or one model that alone writes in some style
        return None
    if not all(np.isfinite(numbers).all() for numbers in (score.r_squared, *score.interval(), *held.interval())):
        return None
    plain = means_by_model(kept.ratings).mean[[kept.ratings.models.index(name) for name in held.models]]
    order = np.argsort(-held.effect)
    models = _effects(held.models, held.effect, *held.interval())
    return Style(
        explained=float(score.r_squared),
        people=score.clusters,
        answers=score.rows,
        features=tuple(_readable(one) for one in _effects(score.names, score.estimate, *score.interval())[1:]),
        models=tuple(models[place] for place in order),
        plain=tuple((plain - plain.mean())[order].tolist()),
    )


def opening_texts(study: Study, origin: str) -> Texts:
    """Yield the first answers of the people who count, each with its key, without holding all of them."""
    rows = Utterance.objects.filter(
        exchange__conversation__participant__in=who_counts(study, origin), exchange__number=1, score__isnull=False
    )
    return rows.order_by().values_list("pk", "text").iterator(chunk_size=AT_ONCE)


def _styles_of(keys: Sequence[int], texts: Texts) -> Styles:
    """Read the style of answers by their keys, in that order."""
    wanted, found = set(keys), dict[int, Floats]()
    for some in _in_batches(row for row in texts if row[0] in wanted):
        found |= zip([key for key, _ in some], styles_of([text for _, text in some]).values, strict=True)
    return Styles(FEATURES, np.array([found[key] for key in keys]))


def _in_batches(rows: Texts) -> Iterator[list[tuple[int, str]]]:
    waiting = iter(rows)
    while some := list(islice(waiting, AT_ONCE)):
        yield some


def _effects(names: Iterable[str], values: Floats, lows: Floats, highs: Floats) -> list[Effect]:
    rows = zip(names, values.tolist(), lows.tolist(), highs.tolist(), strict=True)
    return [Effect(*row) for row in rows]


def _readable(one: Effect) -> Effect:
    times = A_HUNDRED if one.name == "length" else 1
    return Effect(one.name, one.value * times, one.low * times, one.high * times)

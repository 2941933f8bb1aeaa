"""Draw noisy estimates towards their common mean, and keep many comparisons honest.

Rule: how far an estimate was drawn is returned beside it, so that a page can show the raw number too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SMALLEST_VARIANCE = 1e-12  # an error of exactly nothing would outweigh everything else


@dataclass(frozen=True)
class Pooled:
    """Estimates after partial pooling.

    Attributes
    ----------
    centre : the common mean.
    between : variance of the true values (tau squared).
    value, error : one an estimate; the error counts that the centre is estimated too, not that `between` is.
    drawn : share of the way to the centre that each estimate was drawn, from 0 (not at all) to 1.
    """

    centre: float
    between: float
    value: Floats
    error: Floats
    drawn: Floats


def between_variance(estimates: Floats, errors: Floats) -> float:
    """Return the variance of the true values behind noisy estimates, by the method of moments; never negative.

    Parameters
    ----------
    estimates, errors
        Estimates and their standard errors, of one length, all finite.

    References
    ----------
    DerSimonian and Laird, "Meta-analysis in clinical trials", Controlled Clinical Trials 7 (1986), equation 8.

    Examples
    --------
    Two estimates, 0 and 2, with errors 1: Q = 2, one degree of freedom, C = 2 - 2/2 = 1.

    >>> between_variance(np.array([0.0, 2.0]), np.array([1.0, 1.0]))
    1.0
    """
    if len(estimates) < 2:
        return 0.0
    weights = 1 / np.maximum(errors**2, SMALLEST_VARIANCE)
    centre = np.sum(weights * estimates) / weights.sum()
    surplus = np.sum(weights * (estimates - centre) ** 2) - (len(estimates) - 1)
    return max(0.0, float(surplus / (weights.sum() - np.sum(weights**2) / weights.sum())))


def pool(estimates: Floats, errors: Floats) -> Pooled:
    """Draw each estimate towards the common mean, the more the noisier it is (empirical Bayes, normal-normal).

    References
    ----------
    Morris, "Parametric empirical Bayes inference", JASA 78 (1983); the variance between by `between_variance`.

    Examples
    --------
    >>> found = pool(np.array([0.0, 2.0]), np.array([1.0, 1.0]))
    >>> found.centre, found.value.tolist(), found.drawn.tolist()
    (1.0, [0.5, 1.5], [0.5, 0.5])
    """
    between = between_variance(estimates, errors)
    variance = np.maximum(errors**2, SMALLEST_VARIANCE)
    weights = 1 / (variance + between)
    centre = float(np.sum(weights * estimates) / weights.sum())
    drawn = variance / (variance + between)
    value = drawn * centre + (1 - drawn) * estimates
    error = np.sqrt((1 - drawn) * variance + drawn**2 / weights.sum())
    return Pooled(centre, between, value, error, drawn)


def false_discovery_values(p_values: Floats) -> Floats:
    """Return for each test the smallest false discovery rate at which it counts as a finding (NaN stays NaN).

    References
    ----------
    Benjamini and Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995).

    Examples
    --------
    >>> false_discovery_values(np.array([0.01, 0.04, 0.03, np.nan])).round(3).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    found = np.full(len(p_values), np.nan)
    places = np.flatnonzero(~np.isnan(p_values))
    order = places[np.argsort(p_values[places], kind="stable")]
    scaled = p_values[order] * len(order) / np.arange(1, len(order) + 1)
    found[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return found

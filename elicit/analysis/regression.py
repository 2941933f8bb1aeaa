"""Explain scores by least squares, with errors that stay right when one person gave many of them.

Rule that must stay true: both errors are given. HC1 allows rows of unequal noise and takes them for independent, as
PRISM's published tables do; clustered errors allow one person's rows to hang together, and are the ones to quote.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from elicit.analysis.ratings import Floats, Ints

LEVEL = 0.95


@dataclass(frozen=True)
class Regression:
    """A least-squares fit: an estimate for each name, and its covariance under either view of the noise.

    Attributes
    ----------
    names : of the columns.
    estimate : shape (columns,).
    hc1, clustered : covariances, shape (columns, columns).
    rows, clusters : how many rows and clusters were used.
    r_squared : share of the outcome's variance that the fit explains, 0 to 1.
    """

    names: tuple[str, ...]
    estimate: Floats
    hc1: Floats
    clustered: Floats
    rows: int
    clusters: int
    r_squared: float

    def errors(self) -> Floats:
        """Return clustered standard errors."""
        return np.asarray(np.sqrt(np.maximum(np.diagonal(self.clustered), 0)))

    def hc1_errors(self) -> Floats:
        """Return standard errors that take every row for independent."""
        return np.asarray(np.sqrt(np.maximum(np.diagonal(self.hc1), 0)))

    def p_values(self) -> Floats:
        """Return two-sided p-values by clustered errors, Student's t with one degree less than clusters."""
        return two_sided(self.estimate / self.errors(), degrees=self.clusters - 1)

    def hc1_p_values(self) -> Floats:
        """Return two-sided p-values by HC1 errors."""
        return two_sided(self.estimate / self.hc1_errors(), degrees=self.rows - len(self.names))

    def interval(self, *, level: float = LEVEL) -> tuple[Floats, Floats]:
        """Return the ends of each estimate's clustered interval."""
        half = stdtrit(self.clusters - 1, (1 + level) / 2) * self.errors()
        return self.estimate - half, self.estimate + half

    def of(self, name: str) -> tuple[float, float]:
        """Return the estimate of one column and its clustered error."""
        at = self.names.index(name)
        return float(self.estimate[at]), float(self.errors()[at])


def two_sided(t: Floats, *, degrees: float) -> Floats:
    """Return the chance of a Student's t at least this far from 0.

    Examples
    --------
    >>> two_sided(np.array([1.96]), degrees=np.inf).round(2).tolist()
    [0.05]
    """
    return np.asarray(2 * stdtr(degrees, -np.abs(t)))


def fit_ols(outcome: Floats, columns: Floats, names: Sequence[str], *, cluster: Ints) -> Regression:
    """Fit outcome = columns @ estimate by least squares; shapes (rows,), (rows, columns) and (rows,).

    Add a column of ones yourself where a constant is wanted. `cluster` numbers the people. The clustered covariance
    is scaled by G / (G - 1) * (n - 1) / (n - k), as most software does.

    Raises ValueError where columns repeat one another, or with fewer than two clusters.

    References
    ----------
    MacKinnon and White, J. Econometrics 29 (1985), for HC1; Cameron and Miller, "A practitioner's guide to
    cluster-robust inference", J. Human Resources 50 (2015), for the other.

    Examples
    --------
    >>> x = np.array([0.0, 1, 2, 3])
    >>> fit = fit_ols(1 + 2 * x, np.column_stack([np.ones(4), x]), ["const", "x"], cluster=np.array([1, 1, 2, 2]))
    >>> fit.estimate.round(6).tolist(), round(fit.r_squared, 6)
    ([1.0, 2.0], 1.0)
    """
    rows, count = columns.shape
    groups, number = np.unique(cluster, return_inverse=True)
    if len(groups) < 2:
        raise ValueError("Clustered errors need the scores of two people or more.")
    if rows <= count or np.linalg.matrix_rank(columns) < count:
        raise ValueError("Some columns can be made from others, or there are too few rows: leave a column out.")
    bread = np.linalg.inv(columns.T @ columns)
    estimate, *_ = np.linalg.lstsq(columns, outcome, rcond=None)
    residual = outcome - columns @ estimate
    scores = columns * residual[:, None]
    added = np.zeros((len(groups), count))
    np.add.at(added, number, scores)
    free = rows - count
    by_row, by_group = rows / free, len(groups) / (len(groups) - 1) * (rows - 1) / free
    variation = ((outcome - outcome.mean()) ** 2).sum()
    return Regression(
        names=tuple(names),
        estimate=np.asarray(estimate),
        hc1=np.asarray(by_row * bread @ (scores.T @ scores) @ bread),
        clustered=np.asarray(by_group * bread @ (added.T @ added) @ bread),
        rows=rows,
        clusters=len(groups),
        r_squared=float(1 - (residual**2).sum() / variation) if variation > 0 else float("nan"),
    )


@dataclass(frozen=True)
class ControlledMeans:
    """Models' effects on the score with other columns held equal, against the mean of all models.

    Attributes
    ----------
    models : the names, of those that were rated.
    effect : points, adding up to 0, shape (models,).
    covariance : clustered, shape (models, models).
    controls : the fit of everything, models' indicators and controls.
    """

    models: tuple[str, ...]
    effect: Floats
    covariance: Floats
    controls: Regression

    def interval(self, *, level: float = LEVEL) -> tuple[Floats, Floats]:
        """Return the ends of each effect's clustered interval."""
        half = stdtrit(self.controls.clusters - 1, (1 + level) / 2) * np.sqrt(np.diagonal(self.covariance))
        return self.effect - half, self.effect + half


def controlled_means(
    score: Floats, model: Ints, models: Sequence[str], controls: Floats, names: Sequence[str], *, cluster: Ints
) -> ControlledMeans:
    """Return what each model adds to the score among answers alike in the controls.

    `model` holds places in `models`, `controls` has shape (rows, controls). "Alike" means on a straight line in each
    control; models that nobody rated are left out.

    Examples
    --------
    Kite's answers score 20 more, and are one longer; a point of length is worth 5, so 15 is kite's own.

    >>> length = np.array([1.0, 2, 3, 2, 3, 4])
    >>> model = np.array([0, 0, 0, 1, 1, 1])
    >>> found = controlled_means(40 + 15 * model + 5 * length, model, ["heron", "kite"], length[:, None], ["length"],
    ...     cluster=np.array([1, 2, 3, 1, 2, 3]))
    >>> found.effect.round(6).tolist()
    [-7.5, 7.5]
    """
    rated, place = np.unique(model, return_inverse=True)
    count = len(rated)
    indicators = np.eye(count)[place]
    kept = tuple(models[number] for number in rated)
    fit = fit_ols(score, np.hstack([indicators, controls]), [*kept, *names], cluster=cluster)
    centre = np.eye(count) - 1 / count
    covariance = centre @ fit.clustered[:count, :count] @ centre
    return ControlledMeans(kept, np.asarray(centre @ fit.estimate[:count]), np.asarray(covariance), fit)

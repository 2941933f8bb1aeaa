"""Named errors of the site's side of training."""

from elicit.errors import WellspringError


class EngineFailed(WellspringError):
    """The engine's process ended with an error; the message holds its last lines."""


class UnknownRecipe(WellspringError):
    """A recipe of that name is not among the ones that come with the engine."""


class NotReady(WellspringError):
    """Something must be finished first."""

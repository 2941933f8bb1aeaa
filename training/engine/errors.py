"""The errors a person can act on.

Rule: every error that leaves the engine is an `EngineError` whose message says what happened, where, and what to do.
"""


class EngineError(Exception):
    """Say what stopped the engine and what to do; the command line prints it and ends with status 2."""


class FileProblem(EngineError):
    """A file is missing, unreadable or not of its format."""


class TargetProblem(EngineError):
    """An alignment target is not valid."""


class RecipeProblem(EngineError):
    """A recipe is not valid."""


class SplitProblem(EngineError):
    """The target is too small for the splits that were asked for."""


class Leakage(EngineError):
    """Something that a test split holds out was found in the training split."""


class BadRow(EngineError):
    """A row of a dataset cannot be used; found before the first step."""


class Diverged(EngineError):
    """The loss is not a finite number any more."""


class Cancelled(EngineError):
    """Somebody asked the run to stop (SIGTERM or Ctrl-C)."""

"""Named errors of the whole site. Each message says what happened and what to do."""


class WellspringError(Exception):
    """Base of every error that a person may be told about."""


class StepNotOpen(WellspringError):
    """A participant asked for a step that is not theirs to do now."""


class AlreadyWithdrawn(WellspringError):
    """The participant has withdrawn; nothing more is recorded."""


class StudyNotOpen(WellspringError):
    """The study is not open for answers."""


class InvalidLink(WellspringError):
    """The entry link is unknown, revoked or expired."""


class Conflict(WellspringError):
    """The same thing was changed elsewhere meanwhile."""


class ImportFailed(WellspringError):
    """A file could not be taken in; nothing was written."""


class NothingToBuild(WellspringError):
    """There is not enough data for what was asked."""


class SpendCapReached(WellspringError):
    """A call would pass the study's spending cap."""


class LLMError(WellspringError):
    """A language model could not be asked, or its reply could not be used. `trouble` is a value of `Turn.Trouble`."""

    trouble = "provider"

"""What this app hands to the registries of steps and jobs when Django starts."""


def register() -> None:
    """Fill the registries."""

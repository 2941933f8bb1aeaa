"""Text that a file may give once, or once for each language.

Rule: whoever shows a `LocalText` says in which language; nothing here guesses from a browser or a session.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ConfigDict, RootModel, model_validator


class LocalText(RootModel[str | dict[str, str]]):
    """Hold one text, or the same text in several languages.

    Examples
    --------
    >>> LocalText("Hello").for_language("de")
    'Hello'
    >>> LocalText({"en": "Hello", "de": "Guten Tag"}).for_language("de-at")
    'Guten Tag'
    """

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_what_nobody_could_read(cls, given: Any) -> Any:
        if isinstance(given, LocalText):
            return given.root
        texts = list(given.values()) if isinstance(given, dict) else [given]
        if not texts or not all(isinstance(text, str) for text in texts):
            raise ValueError("this must be text; put it in quotes, or give one text for each language")
        if not all(text.strip() for text in texts):
            raise ValueError("the text is empty; write it, or remove the key")
        return given

    def languages(self) -> tuple[str, ...]:
        """Name the languages it is given in; empty when it is given once for all of them."""
        return tuple(self.root) if isinstance(self.root, dict) else ()

    def for_language(self, language: str) -> str:
        """Return the text in `language`, else in its base language, else the first one that is given."""
        if isinstance(self.root, str):
            return self.root
        for code in (language, language.split("-")[0]):
            if code in self.root:
                return self.root[code]
        return next(iter(self.root.values()))

    def by_language(self, languages: Sequence[str]) -> dict[str, str]:
        """Return the text for each of `languages`."""
        return {language: self.for_language(language) for language in languages}

    def __str__(self) -> str:
        return self.root if isinstance(self.root, str) else next(iter(self.root.values()))

"""The languages that the pages speak, and which of them a machine translated.

Rule: a page in a machine-translated language says so. Organizers' pages are English, whatever a browser asks for, so
that nobody reads a page in two languages.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.functional import Promise

IN_ENGLISH_ONLY = ("/organizer/", "/login/", "/logout/", "/style/")


@dataclass(frozen=True)
class Language:
    """A language of the interface: its code, its own name, and whether a person has read the translation."""

    code: str
    name: str
    is_machine_translated: bool = False


ENGLISH = Language("en", "English")
LANGUAGES_SHIPPED = (ENGLISH, Language("ar", "العربية", is_machine_translated=True))


def shipped(code: str) -> Language | None:
    """Return the shipped language for a code such as "ar" or "ar-eg"."""
    base = code.casefold().split("-")[0]
    return next((language for language in LANGUAGES_SHIPPED if language.code == base), None)


def interface_language(code: str) -> str:
    """Return the language in which the pages themselves speak to a reader of `code`; English where there is none."""
    return (shipped(code) or ENGLISH).code


def is_machine_translated(code: str) -> bool:
    """Return whether the interface in this language was translated by a machine."""
    language = shipped(code)
    return language is not None and language.is_machine_translated


def own_name(code: str) -> str:
    """Return what a language is called by those who speak it; the code itself where we do not know."""
    language = shipped(code)
    return language.name if language else code


def in_every_language(words: Promise) -> dict[str, str]:
    """Return words of ours by language, for a text that readers of any language are shown."""
    said = {}
    for language in LANGUAGES_SHIPPED:
        with translation.override(language.code):
            said[language.code] = str(words)
    return said


class PageLanguage(LocaleMiddleware):
    """Let the browser choose the language until we know the participant's; organizers' pages stay English."""

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language of this page."""
        if request.path_info.startswith(IN_ENGLISH_ONLY):
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = settings.LANGUAGE_CODE
        else:
            super().process_request(request)

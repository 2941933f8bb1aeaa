"""The countries of ISO 3166-1, named in the language of the page.

Rule: what is stored is the two-letter code; a name is only ever shown. The names are those of pycountry.
"""

from __future__ import annotations

import functools
import gettext
import unicodedata
from typing import Any

import pycountry

CORRECTIONS = {  # where the catalogue has no name, a formal one for a usual one, or that of another country
    "ar": {
        "IR": "إيران",
        "KP": "كوريا الشمالية",
        "KR": "كوريا الجنوبية",
        "LA": "لاوس",
        "MD": "مولدوفا",
        "SY": "سوريا",
        "TR": "تركيا",
    },
}


@functools.cache
def country_codes() -> frozenset[str]:
    """Return every two-letter code.

    Examples
    --------
    >>> "KE" in country_codes(), "XX" in country_codes()
    (True, False)
    """
    return frozenset(country.alpha_2 for country in pycountry.countries)


@functools.lru_cache(maxsize=16)
def country_choices(language: str) -> tuple[tuple[str, str], ...]:
    """Return every country as (code, name), sorted by its name in `language`; unknown languages read English.

    Examples
    --------
    >>> dict(country_choices("en"))["KR"], dict(country_choices("ar"))["EG"]
    ('South Korea', 'مصر')
    >>> country_choices("en")[0]
    ('AF', 'Afghanistan')
    """
    code = language.replace("-", "_")
    known = [code, code.split("_")[0]] if code.split("_")[0] != "en" else []
    names = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=known, fallback=True)
    corrected = CORRECTIONS.get(code.split("_")[0], {})
    choices = [
        (country.alpha_2, corrected.get(country.alpha_2) or _name(country, names)) for country in pycountry.countries
    ]
    return tuple(sorted(choices, key=lambda choice: _sorting_key(choice[1])))


def _name(country: Any, names: gettext.NullTranslations) -> str:
    """Prefer the name in use ("South Korea") where it is translated, or where nothing is."""
    in_use = str(getattr(country, "common_name", country.name))
    formal = names.gettext(country.name)
    return names.gettext(in_use) if names.gettext(in_use) != in_use or formal == country.name else formal


def _sorting_key(name: str) -> str:
    """Put Åland beside Albania, and names with the Arabic article by what follows it."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).removeprefix("ال")

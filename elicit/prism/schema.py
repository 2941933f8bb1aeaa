"""The five files of a PRISM release as data: fields, values, ranges, and what follows from other fields.

Rule: the facts stand in fields.yaml, models.yaml and regions.yaml; nothing here depends on a folder or on a study.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pycountry
import yaml

HERE = Path(__file__).parent
REFUSED = "Prefer not to say"
REFUSED_TEXT = "prefer not to say"
EMPTY = "EMPTY STRING"
CONSENT = "Yes, I consent to take part"
CONSENT_AGE = "I certify that I am 18 years of age or over"
DATETIME = "%Y-%m-%d %H:%M:%S"
TYPES = ("unguided", "values guided", "controversy guided")
ATTRIBUTES = ("values", "fluency", "factuality", "safety", "diversity", "creativity", "helpfulness")
SURVEY_TEXTS = ("self_description", "system_string")
LETTERS = "abcd"

SIMPLIFIED_RELIGION = {
    "Non-religious": "No Affiliation",
    "Agnostic": "No Affiliation",
    "Spiritual": "No Affiliation",
    "Christian": "Christian",
    "Jewish": "Jewish",
    "Muslim": "Muslim",
    "Hindu": "Other",
    "Sikh": "Other",
    "Buddhist": "Other",
    "Folk religion": "Other",
    "Other": "Other",
    REFUSED: REFUSED,
}
SIMPLIFIED_ETHNICITY = {
    "White": "White",
    "Black / African": "Black",
    "Hispanic / Latino": "Hispanic",
    "Asian": "Asian",
    "Mixed": "Mixed",
    "Other": "Other",
    "Middle Eastern / Arab": "Other",
    "Indigenous / First Peoples": "Other",
    REFUSED: REFUSED,
}
CENSUS_ETHNICITY = {
    "White": "White",
    "Black / African": "Black",
    "Asian": "Asian",
    "Mixed": "Mixed",
    "Hispanic / Latino": "Other",
    "Middle Eastern / Arab": "Other",
    "Indigenous / First Peoples": "Other",
    "Other": "Other",
}
RAW_COUNTRY_NAMES = {"Hong Kong (S.A.R.)": "HKG", "Venezuela": "VEN", "Turkey": "TUR"}


@dataclass(frozen=True)
class Field:
    """One field: `open` bounds were only observed; `withheld` ones may be null in a generalised release."""

    name: str
    type: str
    nullable: bool = False
    enum: tuple[Any, ...] = ()
    pattern: str = ""
    minimum: int | None = None
    maximum: int | None = None
    open: bool = False
    withheld: bool = False
    keys: tuple["Field", ...] = ()
    items: tuple[tuple[str, tuple["Field", ...]], ...] = ()

    @property
    def key_names(self) -> tuple[str, ...]:
        """The keys of an object, in their order."""
        return tuple(key.name for key in self.keys)


@dataclass(frozen=True)
class FileSpec:
    """One of the five files: its name without the folder, the fields that tell its rows apart, all fields in order."""

    name: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def file_name(self) -> str:
        """The file's name in a folder."""
        return f"{self.name}.jsonl"

    @property
    def field_names(self) -> tuple[str, ...]:
        """The top-level keys of a row, in their order."""
        return tuple(field.name for field in self.fields)

    def field(self, path: str) -> Field:
        """Return a field by name, or a nested one by `location.birth_country`.

        >>> SURVEY.field("stated_prefs.values").maximum
        100
        """
        fields = self.fields
        for name in path.split("."):
            found = next(field for field in fields if field.name == name)
            fields = found.keys
        return found


@dataclass(frozen=True)
class Model:
    """A model of PRISM. `provider` is spelled as in utterances, `model_provider` as in models.jsonl."""

    long_name: str
    short_name: str
    longcode: str
    model_family: str
    model_provider: str
    model_provider_type: str
    model_type: str
    provider: str
    status: str
    selected_params: dict[str, str | int]


def _read(name: str) -> Any:
    return yaml.load((HERE / name).read_text("utf-8"), yaml.CSafeLoader)  # noqa: S506 (CSafeLoader is the safe one)


def _field(facts: dict[str, Any]) -> Field:
    nested = {
        "enum": tuple(facts.get("enum", ())),
        "keys": tuple(map(_field, facts.get("keys", ()))),
        "items": tuple((role, tuple(map(_field, fields))) for role, fields in facts.get("items", {}).items()),
    }
    return Field(**(facts | nested))


def _specs() -> dict[str, FileSpec]:
    return {
        name: FileSpec(name, tuple(facts["key"]), tuple(map(_field, facts["fields"])))
        for name, facts in _read("fields.yaml").items()
    }


FILES = _specs()
SURVEY, CONVERSATIONS, UTTERANCES = FILES["survey"], FILES["conversations"], FILES["utterances"]
METADATA, MODELS = FILES["metadata"], FILES["models"]
PUBLISHED_MODELS = tuple(Model(**facts) for facts in _read("models.yaml"))
PROVIDER_SPELLINGS = {model.provider: model.model_provider for model in PUBLISHED_MODELS}
USE_CASES = SURVEY.field("order_lm_usecases").key_names
PREFERENCES = SURVEY.field("order_stated_prefs").key_names
MODERATION = METADATA.field("moderation_flag.categories").key_names
TEXT_COLUMNS: tuple[str, ...] = METADATA.field("column_id").enum


@lru_cache(maxsize=1)
def regions() -> dict[str, tuple[str, str]]:
    """Return region and subregion of every country by its three letters.

    >>> regions()["NZL"]
    ('Oceania', 'Australia and New Zealand')
    """
    return {
        code: (region, subregion)
        for region, subregions in _read("regions.yaml").items()
        for subregion, codes in subregions.items()
        for code in codes
    }


def country_code(name: str) -> str:
    """Return a country's three letters by its two or three letters or its name; a refusal stays one.

    >>> country_code("GB"), country_code("Turkey"), country_code("Prefer not to say")
    ('GBR', 'TUR', 'Prefer not to say')
    """
    if name == REFUSED:
        return REFUSED
    if name in RAW_COUNTRY_NAMES:
        return RAW_COUNTRY_NAMES[name]
    found = pycountry.countries.get(alpha_3=name) or pycountry.countries.get(alpha_2=name)
    found = found or pycountry.countries.get(name=name)
    if found is None:
        raise LookupError(f"No country is called {name!r} in ISO 3166-1.")
    return str(found.alpha_3)


def country_name(code: str) -> str:
    """Return a country's name in ISO 3166-1 by its three letters; a refusal stays one.

    >>> country_name("KOR")
    'Korea, Republic of'
    """
    if code == REFUSED:
        return REFUSED
    found = pycountry.countries.get(alpha_3=code)
    if found is None:
        raise LookupError(f"No country has the code {code!r} in ISO 3166-1.")
    return str(found.name)


def special_region(birth: str) -> str:
    """Return the region that PRISM analyses, by the three letters of the country of BIRTH; the first match wins.

    >>> special_region("MEX"), special_region("ISR"), special_region("TON"), special_region("GRC")
    ('Latin America and the Caribbean', 'Middle East', 'Oceania', 'Europe')
    """
    if birth == REFUSED:
        return REFUSED
    own = {"USA": "US", "GBR": "UK"}.get(birth)
    if own:
        return own
    region, subregion = regions()[birth]
    if subregion in ("Latin America and the Caribbean", "Northern America", "Australia and New Zealand"):
        return subregion
    return "Middle East" if subregion == "Western Asia" else region


def location(birth: str, reside: str) -> dict[str, str]:
    """Return the ten keys of `location` by the codes of both countries.

    >>> location("USA", "GBR")["same_birth_reside_country"], location("USA", "GBR")["reside_subregion"]
    ('No', 'Northern Europe')
    """
    refused = (REFUSED, REFUSED)
    birth_region, birth_subregion = refused if birth == REFUSED else regions()[birth]
    reside_region, reside_subregion = refused if reside == REFUSED else regions()[reside]
    same = "Yes" if birth == reside else "No"
    return {
        "birth_country": country_name(birth),
        "birth_countryISO": birth,
        "birth_region": birth_region,
        "birth_subregion": birth_subregion,
        "reside_country": country_name(reside),
        "reside_region": reside_region,
        "reside_subregion": reside_subregion,
        "reside_countryISO": reside,
        "same_birth_reside_country": REFUSED if REFUSED in (birth, reside) else same,
        "special_region": special_region(birth),
    }


def simplified_religion(categorised: str) -> str:
    """Return the coarser of PRISM's two levels of religion.

    >>> simplified_religion("Agnostic")
    'No Affiliation'
    """
    return SIMPLIFIED_RELIGION[categorised]


def simplified_ethnicity(categorised: str) -> str:
    """Return the coarser of PRISM's two levels of ethnicity.

    >>> simplified_ethnicity("Middle Eastern / Arab")
    'Other'
    """
    return SIMPLIFIED_ETHNICITY[categorised]

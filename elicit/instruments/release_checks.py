"""Compare an instrument with the release whose names it uses.

Rule: an item that bears a release's name can be answered only with the values of that release, so that its answers go
out as they were given.
"""

from __future__ import annotations

from collections.abc import Iterator

from elicit.instruments.schema import Instrument, Item
from elicit.prism.schema import SURVEY, Field
from elicit.yaml_documents import KeyPath, suggest

Finding = tuple[KeyPath, str, str]

NESTED = {  # items whose answers stand inside another field of the release
    "ethnicity": "ethnicity.self_described",
    "ethnicity_group": "ethnicity.categorised",
    "religion": "religion.self_described",
    "religion_group": "religion.categorised",
    "reside_country": "location.reside_country",
    "birth_country": "location.birth_country",
}
OWN_NAMES_FOR = {"string": ("single", "text", "country"), "object": ("multi", "slider")}


def release_field(name: str) -> Field | None:
    """Return the field of PRISM's survey that the item called `name` fills, if there is one.

    Examples
    --------
    >>> release_field("religion_group").enum[0], release_field("closing_comment")
    ('Non-religious', None)
    """
    path = NESTED.get(name, name)
    if path.split(".")[0] not in SURVEY.field_names:
        return None
    return SURVEY.field(path)


def release_findings(instrument: Instrument) -> Iterator[Finding]:
    """Yield every item that bears a name of the release and could be answered with what that does not know."""
    if instrument.releases_as is None:
        return
    for number, part in enumerate(instrument.parts):
        for position, item in enumerate(part.items):
            field = release_field(item.name)
            for key, what, fix in _item(item, field) if field else ():
                yield ("parts", number, "items", position, *key), what, fix


def _item(item: Item, field: Field) -> Iterator[Finding]:
    fitting = OWN_NAMES_FOR.get(field.type, ())
    if item.type not in fitting:
        fix = f"make it {' or '.join(fitting)}, or give it a name of your own" if fitting else "give it another name"
        yield ("type",), f'the release\'s "{item.name}" cannot be a {item.type} item', fix
    elif field.keys:
        yield from _rows(item, field)
    elif field.enum and item.type == "single":
        for index, option in enumerate(item.options):
            if option.value not in field.enum:
                what = f'"{option.value}" is no value of the release\'s "{item.name}"'
                yield ("options", index, "value"), what, suggest(option.value, map(str, field.enum))


def _rows(item: Item, field: Field) -> Iterator[Finding]:
    stored = [option.value for option in item.options]
    stored += [f"{option.value}_text" for option in item.options if option.with_text]
    for index, option in enumerate(item.options):
        if option.value not in field.key_names:
            what = f'"{option.value}" is no key of the release\'s "{item.name}"'
            yield ("options", index, "value"), what, suggest(option.value, field.key_names)
    missing = [key for key in field.key_names if key not in stored]
    if missing:
        what = f'the release\'s "{item.name}" also has {", ".join(missing)}'
        yield ("options",), what, "add what is missing, or give the item a name of your own"

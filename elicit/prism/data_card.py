"""The page that explains a release to whoever opens its folder.

Rule: what must be known before the data is used stands on it: who is in it and who is not, what was made coarser, that
free text is not anonymous, that copies cannot be called back, and under which licences the texts stand.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

NAME = "README.md"


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(  # noqa: S701 (the page is Markdown, and no browser reads it as HTML)
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("data_card.md.jinja")


def data_card(facts: Mapping[str, Any]) -> str:
    """Return the page; a fact that is missing is an error."""
    return _template().render(facts)


def one_line(text: str) -> str:
    """Return a text as it can stand in a line of a table or a quotation.

    Examples
    --------
    >>> one_line("Yes,  I agree\\nto all | of it.")
    'Yes, I agree to all / of it.'
    """
    return " ".join(text.split()).replace("|", "/").replace("`", "'")


def vendors_of(models: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return who runs the models, each with the names of theirs.

    Examples
    --------
    >>> vendors_of([{"model_provider": "A", "short_name": "x"}, {"model_provider": "A", "short_name": "y"}])
    [{'provider': 'A', 'names': ['x', 'y']}]
    """
    found: dict[str, list[str]] = {}
    for row in models:
        found.setdefault(one_line(str(row["model_provider"])), []).append(one_line(str(row["short_name"])))
    return [{"provider": provider, "names": names} for provider, names in found.items()]

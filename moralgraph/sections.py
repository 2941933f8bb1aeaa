"""The pages under a study's moral graph. Each part of the app registers its own, so that no page knows the others."""

from collections.abc import Iterable

from django.utils.functional import Promise

from elicit.models import Study
from elicit.navigation import Tab, links_of
from elicit.querysets import EVERY_ROLE

_SECTIONS: dict[str, Tab] = {}


def register_section(key: str, label: str | Promise, url_name: str, *, roles: Iterable[str] = EVERY_ROLE) -> None:
    """Add a page. Registering the same key again replaces it."""
    _SECTIONS[key] = Tab(key=key, label=label, url_name=url_name, roles=frozenset(roles))


def sections(study: Study, current: str, *, role: str | None) -> list[dict[str, object]]:
    """Return the pages that this role may open, in the order in which they were registered."""
    return links_of(_SECTIONS.values(), study, current, role=role)

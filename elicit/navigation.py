"""The tabs of an organizer's study. Each app registers its own, so that the shell knows no app to its right."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from elicit.models import Study
from elicit.querysets import EVERY_ROLE


@dataclass(frozen=True)
class Tab:
    """One tab: a key, a label for people, the name of the page it opens, and the roles that may open it."""

    key: str
    label: str | Promise
    url_name: str
    roles: frozenset[str] = EVERY_ROLE


_TABS: dict[str, Tab] = {}


def register_tab(key: str, label: str | Promise, url_name: str, *, roles: Iterable[str] = EVERY_ROLE) -> None:
    """Add a tab. Registering the same key again replaces it."""
    _TABS[key] = Tab(key=key, label=label, url_name=url_name, roles=frozenset(roles))


def tabs(study: Study, current: str, *, role: str | None) -> list[dict[str, object]]:
    """Return the study's tabs that this role may open, in the order in which they were registered."""
    return links_of(_TABS.values(), study, current, role=role)


def links_of(known: Iterable[Tab], study: Study, current: str, *, role: str | None) -> list[dict[str, object]]:
    """Return the tabs that a role may open as a page shows them."""
    return [
        {"label": tab.label, "url": reverse(tab.url_name, args=[study.slug]), "current": tab.key == current}
        for tab in known
        if role in tab.roles
    ]

"""The tabs of an organizer's study. Each app registers its own, so that the shell knows no app to its right."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from elicit.models import Study


@dataclass(frozen=True)
class Tab:
    """One tab: a key, a label for people and the name of the page it opens."""

    key: str
    label: str | Promise
    url_name: str


_TABS: dict[str, Tab] = {}


def register_tab(key: str, label: str | Promise, url_name: str) -> None:
    """Add a tab. Registering the same key again replaces it."""
    _TABS[key] = Tab(key=key, label=label, url_name=url_name)


def tabs(study: Study, current: str) -> list[dict[str, object]]:
    """Return the study's tabs in the order in which they were registered."""
    return [
        {"label": tab.label, "url": reverse(tab.url_name, args=[study.slug]), "current": tab.key == current}
        for tab in _TABS.values()
    ]

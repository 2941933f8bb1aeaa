"""What every page of an organizer shows around its own content."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

from elicit.models import Study
from elicit.navigation import tabs
from elicit.querysets import Role
from elicit.roles import role_of

ROWS_A_PAGE = 25


def shell(request: HttpRequest, study: Study, current: str, **extra: Any) -> dict[str, Any]:
    """Return the study, its tabs with the current one marked, and what this member may do."""
    role = role_of(request.user, study)
    return {
        "study": study,
        "tabs": tabs(study, current, role=role),
        "may_organize": role == Role.ORGANIZER,
        **extra,
    }


def page_of(request: HttpRequest, rows: Any, *, name: str = "page") -> Page[Any]:
    """Return the page of rows that the address asks for; an impossible one is the nearest there is."""
    return Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get(name))

"""Who may do what: a member's role in a study, and the one way in which a view loads a study."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from elicit.models import Membership, Study
from elicit.querysets import EVERY_ROLE, Role

__all__ = ["EVERY_ROLE", "Role", "add_member", "member_view", "role_of"]


def role_of(user: Any, study: Study) -> str | None:
    """Return the user's role in the study, or None."""
    if not user.is_authenticated:
        return None
    return Membership.objects.filter(user=user, study=study).values_list("role", flat=True).first()


def add_member(study: Study, *, user: Any, role: str) -> Membership:
    """Give a user a role in a study, or change it."""
    membership, _ = Membership.objects.update_or_create(study=study, user=user, defaults={"role": Role(role).value})
    return membership


def member_view(*roles: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Call the view with `study` in place of `slug` if the user holds one of the roles there; otherwise 404.

    A study that is not theirs looks the same as one that does not exist.
    """
    allowed = frozenset(roles) or EVERY_ROLE

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
            study = Study.objects.visible_to(request.user).filter(slug=slug).first()
            if study is None or role_of(request.user, study) not in allowed:
                raise Http404
            return view(request, study, **kwargs)

        guarded.allowed_roles = allowed  # type: ignore[attr-defined]
        return login_required(guarded)

    return decorate

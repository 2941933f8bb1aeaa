"""Reads that respect roles: every query for people goes through `Model.objects.visible_to(user)`."""

from collections.abc import Collection
from typing import Any, ClassVar, Self, TypeVar

from django.contrib.auth.models import AnonymousUser, User
from django.db import models

Row = TypeVar("Row", bound=models.Model)


class Role(models.TextChoices):
    """What a member may do in one study."""

    ORGANIZER = "organizer", "Organizer"
    ANALYST = "analyst", "Analyst"
    OBSERVER = "observer", "Observer"
    ENGINEER = "engineer", "Engineer"


EVERY_ROLE = frozenset(Role.values)
READS_WORDS = frozenset({Role.ORGANIZER, Role.ANALYST})


class StudyRows(models.QuerySet[Row]):
    """Rows that belong to a study, directly or through `study_path`."""

    study_path: ClassVar[str] = "study"
    readers: ClassVar[Collection[str]] = EVERY_ROLE

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return the rows of studies in which the user holds a role that may read them."""
        if not user.is_authenticated:
            return self.none()
        prefix = f"{self.study_path}__" if self.study_path else ""
        allowed: dict[str, Any] = {
            f"{prefix}memberships__user": user,
            f"{prefix}memberships__role__in": sorted(self.readers),
        }
        return self.filter(**allowed).distinct()

    def of_study(self, study: models.Model) -> Self:
        """Return one study's rows."""
        return self.filter(**{self.study_path or "pk": study if self.study_path else study.pk})


def rows_of(path: str, readers: Collection[str] = EVERY_ROLE, base: type[StudyRows] = StudyRows) -> Any:
    """Return a manager whose rows reach their study by `path` and are read by `readers`."""
    name = f"{base.__name__}By{path.title().replace('_', '')}"
    kind = type(name, (base,), {"study_path": path, "readers": frozenset(readers)})
    return models.Manager.from_queryset(kind)()

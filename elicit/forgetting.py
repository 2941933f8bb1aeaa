"""Forget a participant: one verb for each kind of row that leads back to a person.

Rule: a model that belongs to a participant is registered here, or the tests fail. Apps to the right register after
those to the left, and their verbs run first, while the rows that they depend on are still there.
"""

from collections.abc import Callable, Iterable

from django.apps import apps
from django.db import models, transaction

from elicit.models import LlmCall, Participant, SpendLease

ForgetVerb = Callable[[Participant], None]

_VERBS: dict[type[models.Model], ForgetVerb] = {}


def register_forget(model: type[models.Model], verb: ForgetVerb) -> None:
    """Say how this model's rows of one participant are erased. Registering a model again replaces its verb."""
    _VERBS.pop(model, None)
    _VERBS[model] = verb


def erase_by(model: type[models.Model], path: str) -> ForgetVerb:
    """Return a verb that deletes the rows that reach the participant by `path`."""

    def erase(participant: Participant) -> None:
        model._default_manager.filter(**{path: participant}).delete()

    return erase


def unname_calls(participant: Participant) -> None:
    """Keep what a call cost, and no longer for whom it was made."""
    for model in (LlmCall, SpendLease):
        rows = model._default_manager.filter(study=participant.study, participant_code=participant.code)
        rows.update(participant_code="")


def registered_models() -> frozenset[type[models.Model]]:
    """Return every model that knows how to forget somebody."""
    return frozenset(_VERBS)


@transaction.atomic
def forget(participant: Participant) -> None:
    """Erase everything that the participant told us, the last registered kind of row first."""
    for verb in reversed(list(_VERBS.values())):
        verb(participant)


def models_of_participants() -> frozenset[type[models.Model]]:
    """Return every model that points at a participant, and every one whose rows live and die with such a row."""
    found: set[type[models.Model]] = set()
    owned: list[type[models.Model]] = [Participant]
    while owned:
        target = owned.pop()
        for model, is_owned in _models_that_point_at(target):
            if is_owned and model not in found:
                owned.append(model)
            if is_owned or target is Participant:
                found.add(model)
    return frozenset(found)


def _models_that_point_at(target: type[models.Model]) -> Iterable[tuple[type[models.Model], bool]]:
    """Yield the models with a relation to `target`, each with whether its rows are deleted with the target's."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey | models.ManyToManyField) and field.related_model is target:
                yield model, getattr(field.remote_field, "on_delete", None) is models.CASCADE

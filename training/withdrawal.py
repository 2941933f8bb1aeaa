"""What a withdrawal, of everything or of one consent, does to datasets and trained models.

Rule: no file with words of a study whose participant withdrew stays here; the hash does. A model cannot unlearn, so its
run says that it was trained before the withdrawal, and one that is not finished is stopped. Errors and logs of the
engine go too: they may quote a row.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from elicit.models import Job, Participant
from training import datasets, evaluations, runs
from training.datasets import retire_dataset
from training.models import Dataset, Run
from training.runs import cancel_run
from training.supervision import erase_log

KINDS = (datasets.JOB_KIND, runs.JOB_KIND, evaluations.JOB_KIND)
RESTS_ON = frozenset({"explore", "train"})
TRAINED_BEFORE = "trained_before_withdrawal"


@transaction.atomic
def retire_training(participant: Participant) -> None:
    """Erase the files of every dataset that the participant may stand in, and mark the runs made from them."""
    if not contributed(participant):
        return
    for dataset in Dataset.objects.of_study(participant.study).exclude(state=Dataset.State.RETIRED):
        retire_dataset(dataset)
    for run in Run.objects.of_study(participant.study).select_for_update(of=("self",)):
        _mark(run, now=timezone.now())
    Job.objects.of_study(participant.study).filter(kind__in=KINDS).update(error="")


def follow_consent(participant: Participant, purpose: str, is_granted: bool, now: datetime) -> None:
    """Retire the training that somebody may stand in once they take back what it rests on."""
    if purpose in RESTS_ON and not is_granted:
        retire_training(participant)


def _mark(run: Run, *, now: datetime) -> None:
    if run.state in {Run.State.QUEUED, Run.State.RUNNING}:
        cancel_run(run, now=now)
    run.summary = {**run.summary, TRAINED_BEFORE: True}
    run.error = ""
    run.save(update_fields=["summary", "error"])
    erase_log(run.folder)


def contributed(participant: Participant) -> bool:
    """Say whether a card or a judgement of the participant may have gone into a dataset."""
    judged = participant.judgements.exclude(answer="").exists()
    return judged or participant.values_cards.exists()

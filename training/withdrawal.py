"""What a withdrawal does to datasets and trained models.

Rule: no file with words of a study whose participant withdrew stays here; the hash does. A model cannot unlearn, so its
run says that it was trained before the withdrawal.
"""

import shutil

from django.db import transaction

from elicit.models import Participant
from training.datasets import target_file
from training.models import Dataset, Run

TRAINED_BEFORE = "trained_before_withdrawal"


@transaction.atomic
def retire_training(participant: Participant) -> None:
    """Erase the files of every dataset that the participant may stand in, and mark the runs made from them."""
    if not contributed(participant):
        return
    for dataset in Dataset.objects.of_study(participant.study).exclude(state=Dataset.State.RETIRED):
        shutil.rmtree(dataset.folder, ignore_errors=True)
        target_file(dataset).unlink(missing_ok=True)
        dataset.state = Dataset.State.RETIRED
        dataset.save(update_fields=["state"])
    for run in Run.objects.of_study(participant.study):
        run.summary = {**run.summary, TRAINED_BEFORE: True}
        run.save(update_fields=["summary"])


def contributed(participant: Participant) -> bool:
    """Say whether a card or a judgement of the participant may have gone into a dataset."""
    judged = participant.judgements.exclude(answer="").exists()
    return judged or participant.values_cards.exists()

"""What this app hands to the registries of jobs and tabs when Django starts."""

from django.utils.translation import gettext_lazy as _


def register() -> None:
    """Fill the registries."""
    from elicit.consent import on_consent_changed
    from elicit.forgetting import register_forget
    from elicit.jobs import register_job
    from elicit.navigation import register_tab
    from training import datasets, evaluations, runs
    from training.models import Dataset
    from training.withdrawal import follow_consent, retire_training

    register_job(datasets.JOB_KIND, datasets.build_dataset, label=_("Building a dataset"))
    register_job(runs.JOB_KIND, runs.train, queue=runs.QUEUE, label=_("Training a model"))
    register_job(evaluations.JOB_KIND, evaluations.evaluate, queue=evaluations.QUEUE, label=_("Evaluating a model"))
    register_tab("training", _("Training"), "training:overview")
    register_forget(Dataset, retire_training)
    on_consent_changed(follow_consent)

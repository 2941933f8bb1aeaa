"""Draft, publish and take back a study's public report, and answer those who appeal.

Rule: a report is public only while its snapshot stands, was built from what was granted for publication, and is of
people. What is published never changes: a correction is the next number, and what is taken back keeps its address and
its hash and shows nothing else.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from elicit.errors import Conflict, WellspringError
from elicit.models import Origin, Study
from moralgraph.consented import METHOD_TEST_ONLY, labels_for
from moralgraph.models import Appeal, Report, Snapshot
from moralgraph.report_tables import report_tables, written_by
from moralgraph.reporting.content import SNAPSHOT_FACTS, compared_cards, content_hash, report_content
from moralgraph.snapshots import build_snapshot

PURPOSE = "publish"
LONGEST_WORDS = 4000
LONGEST_REASON = 600


class NotPublishable(WellspringError):
    """A report may not be published; the message says why."""


def snapshot_record(snapshot: Snapshot) -> dict[str, Any]:
    """Return what a report's numbers are made of, as plain values."""
    return {**{fact: getattr(snapshot, fact) for fact in SNAPSHOT_FACTS}, "content": snapshot.content}


@transaction.atomic
def draft_newest_report(
    study: Study, *, method: str = Snapshot.Method.REPAIRED, introduction: str = "", now: datetime
) -> Report:
    """Build a graph from what was granted for publication until now, and draft a report from it."""
    return draft_report(
        build_snapshot(study, method=method, purpose=PURPOSE, now=now), introduction=introduction, now=now
    )


@transaction.atomic
def draft_report(snapshot: Snapshot, *, introduction: str = "", now: datetime) -> Report:
    """Draft a report from a snapshot. Drafting again from the same snapshot renews the draft.

    Raises
    ------
    NotPublishable
        When the snapshot was built for another purpose or is retired, or the study is a method test.
    """
    study = Study.objects.select_for_update().get(pk=snapshot.study_id)
    if trouble := _unfit(snapshot):
        raise NotPublishable(trouble)
    tables = {
        **report_tables(study, origins=snapshot.parameters["origins"]),
        "written_by": written_by(study, compared_cards(snapshot.content)),
    }
    content = report_content(study=study.slug, snapshot=snapshot_record(snapshot), tables=tables)
    given = {
        "introduction": _tidy(introduction, longest=LONGEST_WORDS),
        "content": content,
        "content_hash": content_hash(content),
    }
    draft = Report.objects.filter(snapshot=snapshot, published_at=None).first()
    if draft is not None:
        for name, value in given.items():
            setattr(draft, name, value)
        draft.save(update_fields=list(given))
        return draft
    last = Report.objects.of_study(study).order_by("-number").first()
    number = last.number + 1 if last else 1
    return Report.objects.create(study=study, snapshot=snapshot, number=number, created_at=now, **given)


def reasons_against(report: Report) -> list[str]:
    """Say why a report may not be published; nothing where it may."""
    reasons = []
    if trouble := _unfit(report.snapshot):
        reasons.append(trouble)
    if set(report.snapshot.parameters["origins"]) != {Origin.PERSON.value}:
        reasons.append(
            _("Programs or other studies' files went into this graph. Only what people said can be published.")
        )
    if report.withdrawn_at is not None:
        reasons.append(_("This report was taken back. Draft the next one."))
    return reasons


def labels_of(report: Report) -> list[str]:
    """Return what must be said wherever the report is shown."""
    return labels_for(report.study, origins=report.snapshot.parameters["origins"])


@transaction.atomic
def publish_report(report: Report, *, by: Any, now: datetime) -> Report:
    """Make a report public, with the numbers that its draft showed. Publishing it again changes nothing.

    Raises
    ------
    NotPublishable
        With every reason.
    """
    Study.objects.select_for_update().get(pk=report.study_id)
    row = Report.objects.select_for_update().get(pk=report.pk)
    if reasons := reasons_against(row):
        raise NotPublishable(" ".join(reasons))
    if row.published_at is None:
        row.published_at, row.published_by = now, by
        row.save(update_fields=["published_at", "published_by"])
    return row


@transaction.atomic
def withdraw_report(report: Report, *, reason: str, now: datetime) -> Report:
    """Take a published report back, with the reason that readers are told. Twice is as good as once.

    Raises
    ------
    Conflict
        When it was never published, or no reason is given.
    """
    row = Report.objects.select_for_update().get(pk=report.pk)
    if row.published_at is None:
        raise Conflict(_("This report was never published. Discard the draft instead."))
    if not reason.strip():
        raise Conflict(_("Say in a sentence why it is taken back: readers find it at the report's address."))
    if row.withdrawn_at is None:
        row.withdrawn_at, row.withdrawn_reason = now, _tidy(reason, longest=LONGEST_REASON)
        row.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    return row


@transaction.atomic
def discard_draft(report: Report) -> None:
    """Delete a report that was never published.

    Raises
    ------
    Conflict
        When it was published: what was public keeps its address.
    """
    row = Report.objects.select_for_update().filter(pk=report.pk).first()
    if row is None:
        return
    if row.published_at is not None:
        raise Conflict(_("This report was published. Take it back instead."))
    row.delete()


@transaction.atomic
def answer_appeal(appeal: Appeal, *, words: str, by: Any, now: datetime) -> Appeal:
    """Answer a participant's appeal; they read it on their personal link. A second answer replaces the first.

    Raises
    ------
    Conflict
        When there are no words, or the appeal is gone with the person who made it.
    """
    row = Appeal.objects.select_for_update().filter(pk=appeal.pk).first()
    if row is None:
        raise Conflict(_("This appeal is gone: the person who made it has withdrawn."))
    answer = _tidy(words, longest=LONGEST_WORDS)
    if not answer:
        raise Conflict(_("Please write an answer."))
    if row.answer != answer:
        row.state, row.answer, row.answered_by, row.answered_at = Appeal.State.ANSWERED, answer, by, now
        row.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    return row


def published_report(slug: str, number: int | None = None) -> Report | None:
    """Return the report at a public address: the newest that stands, or one by its number, gone or not."""
    found = Report.objects.filter(study__slug=slug).select_related("study", "snapshot")
    if number is None:
        return found.public().order_by("-number").first()
    report = found.filter(number=number, published_at__isnull=False).first()
    return report if report is not None and not report.study.is_method_test else None


def published_numbers(study: Study) -> list[Report]:
    """Return every report of a study that was ever published, the newest first."""
    found = Report.objects.of_study(study).filter(published_at__isnull=False)
    return list(found.select_related("snapshot").order_by("-number"))


def _unfit(snapshot: Snapshot) -> str:
    labels = labels_for(snapshot.study, origins=[])
    if METHOD_TEST_ONLY in labels:
        return _("Consent was not recorded in this study: it is a method test and is never published.")
    if snapshot.parameters.get("purpose") != PURPOSE:
        return _("This graph was built for the team. A report needs one built from what was granted for publication.")
    if snapshot.retired_at is not None:
        return _("Somebody took back what went into this graph, so it is retired. Draft a report from a new one.")
    return ""


def _tidy(words: str, *, longest: int) -> str:
    return words.replace("\r\n", "\n").strip()[:longest]

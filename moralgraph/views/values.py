"""The pages of values: which canonical card stands for which, and what organizers correct."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from elicit.errors import WellspringError
from elicit.models import Job, Study
from elicit.querysets import READS_WORDS, Role
from elicit.roles import member_view
from elicit.views.organizer.shell import page_of, shell
from moralgraph.models import CanonicalValuesCard, Partition, SamenessConstraint
from moralgraph.reconciliation.batch import JOB, request_reconcile
from moralgraph.reconciliation.corrections import merge_cards, restore_partition, split_card, undo_constraint
from moralgraph.reconciliation.page import near_cards, standing_constraints, values_of, wordings_of
from moralgraph.reconciliation.stability import newest_stability
from moralgraph.reconciliation.versions import compare_versions, newest_partition
from moralgraph.values_forms import CorrectionForm, NumberForm, ValuesFilter, VersionsForm
from moralgraph.verification import count_verified, verifications_of

TAB = "values"
MOST_MOVED_SHOWN = 200


@require_safe
@member_view(*READS_WORDS)
def values(request: HttpRequest, study: Study) -> HttpResponse:
    """List the values with the cards behind each, and what organizers have corrected."""
    form = ValuesFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = values_of(study, words=chosen.get("words", ""), only_provisional=chosen.get("provisional", False))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "filter_form": form,
        "query": query.urlencode(),
        "page": page_of(request, found),
        "partition": newest_partition(study),
        "constraints": standing_constraints(study),
        "verified": count_verified(study),
        "is_waiting": Job.objects.filter(study=study, kind=JOB, state__in=["queued", "running"]).exists(),
    }
    return render(request, "moralgraph/values.html", shell(request, study, TAB, **context))


@require_safe
@member_view(*READS_WORDS)
def value(request: HttpRequest, study: Study, number: int) -> HttpResponse:
    """Show one value: the words behind it, what is near it, and what authors say."""
    canonical = get_object_or_404(values_of(study), pk=number)
    context = {
        "canonical": canonical,
        "wordings": wordings_of(canonical),
        "near": near_cards(canonical),
        "answers": verifications_of(study).filter(canonical=canonical).select_related("card"),
    }
    return render(request, "moralgraph/value.html", shell(request, study, TAB, **context))


@require_safe
@member_view(*READS_WORDS)
def versions(request: HttpRequest, study: Study) -> HttpResponse:
    """List the versions, what differs between two of them, and how the newest would move with its threshold."""
    form = VersionsForm(request.GET)
    kept = Partition.objects.of_study(study).order_by("-number").select_related("made_by", "restored_from")
    pair = [kept.filter(number=form.cleaned_data[side]).first() for side in form.fields] if form.is_valid() else []
    difference = compare_versions(pair[0], pair[1]) if len(pair) == 2 and pair[0] and pair[1] else None
    context = {
        "page": page_of(request, kept),
        "pair": pair,
        "difference": difference,
        "moved": difference.moved[:MOST_MOVED_SHOWN] if difference else (),
        "stability": newest_stability(study),
        "newest": newest_partition(study),
    }
    return render(request, "moralgraph/versions.html", shell(request, study, TAB, **context))


@require_POST
@member_view(Role.ORGANIZER)
def ask_reconcile(request: HttpRequest, study: Study) -> HttpResponse:
    """Have all cards compared anew."""
    request_reconcile(study, now=timezone.now(), by=request.user)
    messages.success(request, _("The cards are being compared. Reload this page in a while."))
    return redirect("moralgraph:values", slug=study.slug)


@require_POST
@member_view(Role.ORGANIZER)
def correct(request: HttpRequest, study: Study) -> HttpResponse:
    """Merge two values, or take words out of one."""
    form = CorrectionForm(request.POST)
    first = CanonicalValuesCard.objects.of_study(study).filter(pk=form.data.get("number") or None).first()
    if not form.is_valid() or first is None:
        messages.error(request, _("There is no such card any longer."))
        return redirect("moralgraph:values", slug=study.slug)
    given = {"reason": form.cleaned_data["reason"], "by": request.user, "now": timezone.now()}
    try:
        if form.cleaned_data["other"]:
            other = get_object_or_404(CanonicalValuesCard.objects.of_study(study), pk=form.cleaned_data["other"])
            merge_cards(first, other, **given)
            messages.success(request, _("The two are one value now."))
        else:
            split_card(first, form.cleaned_data["words"], **given)
            messages.success(request, _("These words stand for themselves now."))
    except WellspringError as error:
        messages.error(request, str(error))
        return redirect("moralgraph:value", slug=study.slug, number=first.pk)
    return redirect("moralgraph:values", slug=study.slug)


@require_POST
@member_view(Role.ORGANIZER)
def undo(request: HttpRequest, study: Study) -> HttpResponse:
    """Take a merge or a split back."""
    form = NumberForm(request.POST)
    number = form.cleaned_data["number"] if form.is_valid() else None
    constraint = get_object_or_404(SamenessConstraint.objects.of_study(study), pk=number)
    undo_constraint(constraint, by=request.user, now=timezone.now())
    messages.success(request, _("It is taken back, and the cards are being compared anew."))
    return redirect("moralgraph:values", slug=study.slug)


@require_POST
@member_view(Role.ORGANIZER)
def restore(request: HttpRequest, study: Study) -> HttpResponse:
    """Put an earlier version in force again."""
    form = NumberForm(request.POST)
    number = form.cleaned_data["number"] if form.is_valid() else None
    partition = get_object_or_404(Partition.objects.of_study(study), number=number)
    try:
        kept = restore_partition(partition, by=request.user, now=timezone.now())
        messages.success(request, _("Version %(number)s is in force.") % {"number": kept.number})
    except WellspringError as error:
        messages.error(request, str(error))
    return redirect("moralgraph:versions", slug=study.slug)

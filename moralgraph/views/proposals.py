"""Contexts & upgrades: what people are asked to compare, where it comes from, and the decisions about it.

Rule: a row is named by its number and looked for in this study alone; every change is one verb.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from elicit.errors import WellspringError
from elicit.models import Study
from elicit.querysets import READS_WORDS, Role
from elicit.roles import member_view
from elicit.views.organizer.shell import page_of, shell
from moralgraph import contexts, proposal_page, suggestions, upgrades
from moralgraph.context_proposals import propose_from_questions
from moralgraph.models import Context, Suggestion, Upgrade
from moralgraph.proposal_forms import (
    ContextActionForm,
    ContextForm,
    NewContextForm,
    NewUpgradeForm,
    SuggestionForm,
    UpgradeActionForm,
)
from moralgraph.upgrade_proposals import ask_about_all, is_wanted

DECISIONS = {"accept": suggestions.accept_suggestion, "decline": suggestions.decline_suggestion}
WHAT_FOLLOWS = {
    "accept": gettext_lazy("Taken up: from now on people are asked to compare the two."),
    "decline": gettext_lazy("Left aside: nobody is asked about it."),
}


@require_safe
@member_view(*READS_WORDS)
def overview(request: HttpRequest, study: Study) -> HttpResponse:
    """List suggestions, contexts, and the upgrades of one context."""
    context = proposal_page.chosen_context(study, request.GET.get("context", ""))
    extra: dict[str, Any] = {
        "suggestions": proposal_page.suggestion_rows(study),
        "rows": proposal_page.context_rows(study),
        "near": contexts.near_contexts(study),
        "new_context": NewContextForm(study),
        "chosen": context,
        "query": f"context={context.key}" if context else "",
        "page": page_of(request, proposal_page.upgrades_in(context)) if context else None,
        "new_upgrade": NewUpgradeForm(study, initial={"context": context}),
        "asks_a_model": is_wanted(),
    }
    return render(request, "moralgraph/proposals.html", shell(request, study, "contexts", **extra))


@require_POST
@member_view(Role.ORGANIZER)
def add_context(request: HttpRequest, study: Study) -> HttpResponse:
    """Add a context."""
    form = NewContextForm(study, request.POST)
    if not form.is_valid():
        return _back(request, study, problem=_("A context needs words: “When ...”."))
    source, questions = Context.Source.ORGANIZER, form.cleaned_data["questions"]
    return _done(request, study, lambda: contexts.add_context(study, form.texts(), source=source, questions=questions))


@require_POST
@member_view(Role.ORGANIZER)
def change_context(request: HttpRequest, study: Study) -> HttpResponse:
    """Use, retire, reword or merge a context."""
    form = ContextActionForm(request.POST)
    context = _row(Context, study, form)
    if context is None:
        return _back(request, study, problem=_("There is no such context any longer."))
    action = form.cleaned_data["action"]
    if action == "reword":
        words = ContextForm(study, request.POST)
        if not words.is_valid():
            return _back(request, study, problem=_("A context needs words: “When ...”."))
        return _done(request, study, lambda: contexts.reword_context(context, words.texts()))
    if action == "merge":
        into = Context.objects.of_study(study).filter(pk=form.cleaned_data["into"] or 0).first()
        return _done(request, study, lambda: contexts.merge_context(context, into=into or context))
    act = {"use": contexts.use_context, "retire": contexts.retire_context}[action]
    return _done(request, study, lambda: act(context))


@require_POST
@member_view(Role.ORGANIZER)
def propose(request: HttpRequest, study: Study) -> HttpResponse:
    """Look for contexts in questions that have none, and for upgrades of cards that no model was asked about."""
    questions = propose_from_questions(study)
    cards = ask_about_all(study) if is_wanted() else 0
    found = {"questions": questions, "cards": cards}
    messages.success(request, _("Looked at: %(questions)s questions, %(cards)s cards.") % found)
    return _back(request, study)


@require_POST
@member_view(Role.ORGANIZER)
def add_upgrade(request: HttpRequest, study: Study) -> HttpResponse:
    """Add a pair to be judged."""
    form = NewUpgradeForm(study, request.POST)
    if not form.is_valid():
        return _back(request, study, problem=_("Choose two cards."))
    given = form.cleaned_data
    return _done(
        request, study, lambda: upgrades.add_upgrade(given["context"], first=given["first"], second=given["second"])
    )  # fmt: skip


@require_POST
@member_view(Role.ORGANIZER)
def change_upgrade(request: HttpRequest, study: Study) -> HttpResponse:
    """Retire a pair, draw it again, or give it other stories."""
    form = UpgradeActionForm(request.POST)
    upgrade = _row(Upgrade, study, form)
    if upgrade is None:
        return _back(request, study, problem=_("There is no such upgrade any longer."))
    given = form.cleaned_data
    if given["action"] == "reword":
        told = {"forward": given["forward"], "reverse": given["reverse"]}
        return _done(request, study, lambda: upgrades.reword_stories(upgrade, **told))
    act = {"use": upgrades.use_upgrade, "retire": upgrades.retire_upgrade}[given["action"]]
    return _done(request, study, lambda: act(upgrade))


@require_POST
@member_view(Role.ORGANIZER)
def decide_suggestion(request: HttpRequest, study: Study) -> HttpResponse:
    """Take a suggestion up, or leave it aside."""
    form = SuggestionForm(request.POST)
    suggestion = _row(Suggestion, study, form)
    if suggestion is None:
        return _back(request, study, problem=_("There is no such suggestion any longer."))
    decision = form.cleaned_data["decision"]
    act = DECISIONS[decision]
    return _done(
        request, study, lambda: act(suggestion, by=request.user, now=timezone.now()), said=WHAT_FOLLOWS[decision]
    )


def _row(model: Any, study: Study, form: Any) -> Any:
    """Return the row of this study that a form names, if the form is whole and there is one."""
    return model.objects.of_study(study).filter(pk=form.cleaned_data["number"]).first() if form.is_valid() else None


def _done(request: HttpRequest, study: Study, act: Callable[[], object], *, said: Any = "") -> HttpResponse:
    """Do one thing and say what follows from it, or why it was not done."""
    try:
        act()
    except WellspringError as error:
        return _back(request, study, problem=str(error))
    messages.success(request, said or _("Saved."))
    return _back(request, study)


def _back(request: HttpRequest, study: Study, *, problem: str = "") -> HttpResponse:
    """Lead back to the page, at the context that was open."""
    if problem:
        messages.error(request, problem)
    shown = Context.objects.of_study(study).filter(key=request.POST.get("shown", "")).first()
    place = f"?context={shown.key}#upgrades" if shown else ""
    return redirect(reverse("moralgraph:contexts", args=[study.slug]) + place)

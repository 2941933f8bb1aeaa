"""The page on which a participant names a wiser value than one that they were shown.

Rule: cards are chosen by their place on the page, never by an id; what is sent is the author's alone until an
organizer has taken it up.
"""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from elicit.errors import AlreadyWithdrawn, StudyNotOpen
from elicit.models import Participant
from elicit.views.entry import page, resume_url, study_view
from moralgraph.models import Judgement
from moralgraph.suggesting_form import SuggestionForm
from moralgraph.suggestions import SuggestionRefused, judged_by, own_values, suggest


@require_http_methods(["GET", "HEAD", "POST"])
@study_view
def suggest_wiser(request: HttpRequest, participant: Participant, number: int) -> HttpResponse:
    """Show the pair that was judged, and take what its judge finds wiser."""
    judgement = judged_by(participant, number)
    if judgement is None:
        raise Http404
    form = SuggestionForm(judgement, list(own_values(participant)), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            suggest(
                judgement, above=form.above_card(), value=form.value(), why=form.cleaned_data["why"], now=timezone.now()
            )
            messages.success(request, _("Thank you. The study team reads it before others are asked about it."))
            return redirect(resume_url(participant))
        except SuggestionRefused as error:
            form.add_error(None, str(error))
        except (AlreadyWithdrawn, StudyNotOpen):
            return redirect("participant:resume", participant.study.slug)
    return _show(request, participant, judgement, form)


def _show(request: HttpRequest, participant: Participant, judgement: Judgement, form: SuggestionForm) -> HttpResponse:
    extra: dict[str, Any] = {
        "judgement": judgement,
        "context": judgement.context.text.get(participant.language) or str(judgement.context),
        "form": form,
        "next_url": resume_url(participant),
    }
    status = 422 if form.errors else 200
    return render(request, "moralgraph/suggest.html", page(participant, **extra), status=status)

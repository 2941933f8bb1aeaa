"""Cards that are held back, and the decision about each."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from elicit.errors import Conflict
from elicit.models import Study, ValuesCard
from elicit.organizer_forms import DecisionForm
from elicit.querysets import Role
from elicit.releases import decided_cards, read, refuse_card, release_card, waiting_cards
from elicit.roles import member_view
from elicit.views.organizer.shell import page_of, shell

MOST_DECIDED_SHOWN = 25
DECISIONS = {"release": release_card, "refuse": refuse_card}


@require_safe
@member_view(Role.ORGANIZER, Role.ANALYST)
def cards(request: HttpRequest, study: Study) -> HttpResponse:
    """List the cards that wait for a decision, with what was found in them, and those that were decided."""
    page = page_of(request, waiting_cards(study))
    context = {
        "page": page,
        "readings": [read(card) for card in page.object_list],
        "decided": decided_cards(study).select_related("released_by")[:MOST_DECIDED_SHOWN],
    }
    return render(request, "organizer/cards.html", shell(request, study, "cards", **context))


@require_POST
@member_view(Role.ORGANIZER)
def decide(request: HttpRequest, study: Study) -> HttpResponse:
    """Release a held card, or keep it from others."""
    form = DecisionForm(request.POST)
    card = ValuesCard.objects.of_study(study).filter(pk=form.data.get("number")).first() if form.is_valid() else None
    if card is None:
        messages.error(request, _("There is no such card any longer."))
        return redirect("organizer:cards", slug=study.slug)
    try:
        decided = DECISIONS[form.cleaned_data["decision"]](card, by=request.user, now=timezone.now())
        messages.success(request, _("Saved: %(state)s.") % {"state": decided.get_release_display()})
    except Conflict as error:
        messages.error(request, str(error))
    return redirect("organizer:cards", slug=study.slug)

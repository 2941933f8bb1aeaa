"""Whose answers are worth a look, for the members who read what people wrote."""

from collections.abc import Iterable, Mapping

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from elicit.analysis.quality import Code
from elicit.models import Study
from elicit.querysets import READS_WORDS
from elicit.results.asked import asked_items
from elicit.results.quality import Flagged, quality_of
from elicit.roles import member_view
from elicit.views.organizer.results import asked_origin, result_page
from elicit.views.organizer.shell import page_of

WORDS = {
    Code.FAST: _("Very fast, the whole study"),
    Code.FAST_THROUGHOUT: _("Fast on question after question"),
    Code.STRAIGHT_LINE: _("One answer many times in a row"),
    Code.LEFT_AT_START: _("Sliders left where they start"),
    Code.SAME_TEXT: _("The same text, word for word"),
    Code.NEAR_COPY: _("Nearly the text of somebody else"),
    Code.PASTED: _("Mostly pasted text"),
    Code.ATTENTION: _("Missed attention questions"),
    Code.RETEST: _("Answers a repeated question differently"),
    Code.NOT_SAID: _("Preferred not to say"),
}


@require_safe
@member_view(*READS_WORDS)
def quality(request: HttpRequest, study: Study) -> HttpResponse:
    """Show whose answers a signal of quality flags, with the number and its limit."""
    origin = asked_origin(request, study)
    found = quality_of(study, origin)
    page = page_of(request, found.flagged)
    language = get_language() or "en"
    questions = {item.name: item.text.for_language(language) for _instrument, item in asked_items(study)}
    extra = {
        "found": found,
        "counts": [{"label": WORDS[code], "people": people, "of": of} for code, people, of in found.counts],
        "page": page,
        "lines": _lines(page.object_list, questions),
        "query": f"of={origin}",
    }
    return result_page(request, study, "quality", origin=origin, **extra)


def _lines(flagged: Iterable[Flagged], questions: Mapping[str, str]) -> list[dict[str, object]]:
    return [
        {
            "code": one.code,
            "not_said": one.not_said,
            "flags": [{"about": questions.get(flag.about, ""), "said": flag.said()} for flag in one.flags],
        }
        for one in flagged
    ]

"""What a page says about the language it is in."""

from typing import Any

from django import template
from django.utils.translation import get_language

from elicit.languages import is_machine_translated

register = template.Library()


@register.inclusion_tag("_translation_note.html", takes_context=True)
def translation_note(context: template.Context) -> dict[str, Any]:
    """Say that a machine translated the page, or the study's own texts; nothing where people wrote both."""
    design, participant = context.get("design"), context.get("participant")
    language = context.get("language") or getattr(participant, "language", "")
    texts = design is not None and language in design.machine_translated
    return {"page": is_machine_translated(get_language() or ""), "texts": texts}

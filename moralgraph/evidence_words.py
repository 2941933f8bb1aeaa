"""Why evidence is short and why a value is easily overlooked, for citizens and for the team. An unknown name is
shown as it is.

Rule: a sentence says what was found and never more: no cause, no correction of single upgrades.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

REASONS: Mapping[str, Any] = {
    "few_but_sure": _("few people were asked about it, and clearly most of them found it wiser"),
    "dropped_by_a_limit": _("a limit of the graph left it out, though most of those who were asked found it wiser"),
    "preferred_in_a_group": _("one group finds it wiser, though everybody together does not"),
    "never_asked_about": _("nobody was asked yet whether it is wiser than another"),
}
SHORTAGES: Mapping[str, Any] = {
    "few_cards": _("No two values were compared here."),
    "few_people": _("Too few people gave an answer that tells which of two values is wiser."),
    "few_judgements": _("The values were compared too few times."),
    "hang_apart": _(
        "The values fall into groups, and no answer tells which of two values of different groups is wiser."
    ),
    "nothing_left_out": _("The answers rule no value out: each of them may still be the wisest."),
}


def in_words(known: Mapping[str, Any], name: str) -> str:
    """Return what a name is called."""
    return str(known.get(name, name))

"""What a snapshot's findings are called in words, for the team: settings and effects.

Rule: a sentence says what was found and never more: no cause, no correction of single upgrades.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

EFFECTS: Mapping[str, Any] = {
    "forward": _("A story of somebody who moved to the value asked about"),
    "reverse": _("A story of somebody who moved away from the value asked about"),
    "both": _("Both stories together"),
    "asked_about": _("Being the value that is asked about, and not the one to compare with"),
    "at_start": _("Standing where reading starts"),
    "each_further_question": _("Each further question that a person answers"),
}
SETTINGS: Mapping[str, Any] = {
    "usual": _("As it is"),
    "minimum_wiser": _("Fewest “wiser” answers for an upgrade"),
    "minimum_likelihood": _("Least share of “wiser”"),
    "maximum_entropy": _("Most disagreement, in bits"),
    "cannot_judge": _("“I can't judge”"),
    "both_needed, different_concerns": _("“Both are needed” and “different concerns”"),
    "stories": _("Judgements beside a story"),
    "weights": _("How a judgement is weighed"),
}
VALUES: Mapping[str, Any] = {
    "off": _("no limit"),
    "counts against": _("counts against the upgrade"),
    "left out": _("left out"),
    "half each": _("half for each value"),
    "without one-sided ones": _("without one-sided stories"),
    "none at all": _("only those without a story"),
    "every judgement alike": _("every judgement alike"),
    "recorded probability": _("by its recorded probability"),
}

"""What an organizer may send: explicit fields, nothing else is read."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from elicit import panels
from elicit.exclusions import LONGEST_REASON
from elicit.models import Origin, Study
from elicit.people import STATES

MOST_LINKS_AT_ONCE = 500
LONGEST_LABEL = 80
MOST_PEOPLE = 1_000_000
MOST_DAYS = 730


class _Expiring(forms.Form):
    """A link that may stop working by itself."""

    days = forms.IntegerField(
        label=_("Works for (days)"), min_value=1, max_value=MOST_DAYS, required=False, help_text=_("Empty: no end.")
    )


class InvitationForm(_Expiring):
    """Ask for personal links."""

    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST_LINKS_AT_ONCE, initial=1)
    field_order = ("count", "days")


class StudyLinkForm(_Expiring):
    """Ask for a link that anybody may open, or for one that a panel sends its people to."""

    label = forms.CharField(
        label=_("Name"), max_length=LONGEST_LABEL, help_text=_("For yourselves: where the link is put up.")
    )
    panel = forms.ChoiceField(label=_("For whom"), required=False)
    most_participants = forms.IntegerField(
        label=_("Most people"),
        min_value=0,
        max_value=MOST_PEOPLE,
        required=False,
        help_text=_("Empty: as many as come."),
    )
    field_order = ("label", "panel", "most_participants", "days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(name, _("People of the panel %(name)s") % {"name": name}) for name in panels.panel_names()]
        self.fields["panel"].choices = [("", _("Anybody who has it")), *names]  # type: ignore[attr-defined]


class StudyStateForm(forms.Form):
    """Open, pause or close a study."""

    state = forms.ChoiceField(
        label=_("This study is"),
        choices=[choice for choice in Study.State.choices if choice[0] != Study.State.DRAFT],
    )


class PeopleFilter(forms.Form):
    """Which participants to list; what is empty or unknown filters nothing."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Every state")), *((each.key, each.label) for each in STATES)]
    )
    origin = forms.ChoiceField(
        label=_("Origin"),
        required=False,
        choices=[("", _("Every origin")), *(each for each in Origin.choices if each[0] not in ("preview", "seed"))],
    )

    def chosen(self) -> dict[str, str]:
        """Return what to filter by, by field."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class ExclusionForm(forms.Form):
    """Leave a participant out of results."""

    reason = forms.CharField(label=_("Why"), max_length=LONGEST_REASON)


class NumberForm(forms.Form):
    """Name one row by its number."""

    number = forms.IntegerField(min_value=1)


class DecisionForm(NumberForm):
    """Decide about one held card."""

    decision = forms.ChoiceField(choices=[("release", "release"), ("refuse", "refuse")])


class LinkForm(NumberForm):
    """Name one link."""

    kind = forms.ChoiceField(choices=[("personal", "personal"), ("study", "study")])

"""What an organizer may send: explicit fields, nothing else is read."""

from django import forms
from django.utils.translation import gettext_lazy as _

from elicit.models import Study

MOST_LINKS_AT_ONCE = 100


class InvitationForm(forms.Form):
    """Ask for personal links."""

    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST_LINKS_AT_ONCE, initial=1)


class StudyStateForm(forms.Form):
    """Open, pause or close a study."""

    state = forms.ChoiceField(
        label=_("This study is"),
        choices=[choice for choice in Study.State.choices if choice[0] != Study.State.DRAFT],
    )

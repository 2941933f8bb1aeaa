"""What the pages of values may be sent: explicit fields, nothing else is read."""

from django import forms
from django.utils.translation import gettext_lazy as _

from moralgraph.reconciliation.corrections import LONGEST_REASON

LONGEST_NAME = 40
LONGEST_SEARCH = 80


class ValuesFilter(forms.Form):
    """Choose which values are listed."""

    words = forms.CharField(label=_("Search"), required=False, max_length=LONGEST_SEARCH)
    provisional = forms.BooleanField(label=_("Only with provisional cards"), required=False)


class NumberForm(forms.Form):
    """Name one thing by its number."""

    number = forms.IntegerField(min_value=1)


class CorrectionForm(NumberForm):
    """Merge a value with another one, or take words out of it. What is missing in the reason, the verb says."""

    other = forms.IntegerField(min_value=1, required=False)
    words = forms.CharField(max_length=LONGEST_NAME, required=False)
    reason = forms.CharField(required=False, max_length=LONGEST_REASON)


class VersionsForm(forms.Form):
    """Name two versions to compare."""

    before = forms.IntegerField(min_value=1)
    after = forms.IntegerField(min_value=1)

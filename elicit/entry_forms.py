"""What somebody may send on the way in, about consent, and on the way out. Whatever else is posted is ignored.

Rule: no form takes the id of a participant; the server knows whose browser this is.
"""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from elicit.languages import own_name
from elicit.study_files import ConsentDesign


class BeginForm(forms.Form):
    """The language in which somebody takes part; a question only where the study has several."""

    language = forms.ChoiceField(label=_("Language"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = list(languages)
        field: Any = self.fields["language"]
        field.choices = [(code, own_name(code)) for code in self.languages]
        if len(self.languages) == 1:
            field.widget = forms.HiddenInput()
            field.initial = self.languages[0]


class JoinForm(BeginForm):
    """The same for whoever has no link of their own yet; the key makes one participant of two clicks."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class ConsentForm(forms.Form):
    """One unticked box for each item; the field is named like the item."""

    def __init__(self, *args: Any, consent: ConsentDesign, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in consent.items:
            self.fields[item.key] = forms.BooleanField(
                label=item.text.for_language(language),
                required=item.required,
                help_text=_("Needed to take part.") if item.required else "",
                error_messages={"required": _("Without this you cannot take part. You may also say no below.")},
            )


class ChangeAnswerForm(forms.Form):
    """A new answer to one item of the consent."""

    item = forms.SlugField(widget=forms.HiddenInput)
    granted = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")], widget=forms.HiddenInput)


class WithdrawForm(forms.Form):
    """The confirmation without which nothing is erased."""

    confirm = forms.BooleanField(
        label=_("Yes, erase everything I told you in this study. I know that this cannot be undone."),
        error_messages={"required": _("Tick this box if you want your answers to be erased.")},
    )

"""Made-up content for the style guide page: one example of whatever a component needs."""

import math
from dataclasses import dataclass
from typing import Any

from django import forms, template

register = template.Library()


@dataclass(frozen=True)
class Card:
    """A values card that is not in the database."""

    title: str
    description: str
    policies: tuple[str, ...]


CARD = Card(
    title="Room to say it slowly",
    description="A friend who is hurting gets to find their own words before anyone offers a plan.",
    policies=(
        "Questions that help the person name what they miss",
        "Moments when anger turns out to be grief or care",
        "Plans the person arrives at in their own words",
    ),
)
OTHER_CARD = Card(
    title="Even-handed advice",
    description="Each side of a quarrel is described in a way that side would accept.",
    policies=("Claims that both sides could accept as accurate", "Next steps that could be taken this week"),
)


class ExampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="What should we call you?", help_text="Any name. Nobody else sees it.")
    story = forms.CharField(label="What happened?", widget=forms.Textarea, required=False)
    age = forms.ChoiceField(label="Your age", choices=[("", "Choose one"), ("18", "18 to 29"), ("30", "30 or over")])
    often = forms.ChoiceField(
        label="How often do you use a language model?",
        widget=forms.RadioSelect,
        choices=[("daily", "Every day"), ("weekly", "Every week"), ("never", "Never"), ("no", "Prefer not to say")],
    )
    reasons = forms.MultipleChoiceField(
        label="What for?",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=[("work", "Work"), ("talk", "Someone to talk to")],
    )
    agree = forms.BooleanField(label="I take part", help_text="You can change your mind at any time.")
    score = forms.IntegerField(
        label="How good is this answer?", widget=forms.NumberInput(attrs={"min": 0, "max": 100}), required=False
    )


def loss_curve() -> list[tuple[float, float]]:
    """Return a falling curve with some wobble."""
    return [(step, 1.0 + 1.2 * math.exp(-step / 250) + 0.05 * math.sin(step / 7)) for step in range(0, 1201, 5)]


@register.simple_tag
def style_examples() -> dict[str, Any]:
    """Return everything that the style guide shows."""
    steps = ["Consent", "Your story", "Your card", "Wiser?", "Conversations", "About you"]
    return {
        "card": CARD,
        "other_card": OTHER_CARD,
        "form": ExampleForm(),
        "wrong_form": ExampleForm({"score": "70"}, prefix="wrong"),
        "steps": [
            {"label": label, "number": n, "state": "done" if n < 3 else "current" if n == 3 else "todo"}
            for n, label in enumerate(steps, start=1)
        ],
        "tabs": [
            {"label": label, "url": "#", "current": label == "Progress"}
            for label in ("Progress", "Participants", "Graph", "Training")
        ],
        "funnel": [
            {"label": "Invited", "count": 620},
            {"label": "Consented", "count": 548},
            {"label": "Card confirmed", "count": 463},
        ],
        "loss": loss_curve(),
        "held_out": [(step, loss + 0.15) for step, loss in loss_curve()[::10]],
        "origins": ["person", "simulated", "seed", "imported", "preview"],
    }

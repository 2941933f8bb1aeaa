"""The site's own template tags: icons, meters, fields, cards, charts.

Whatever people or models wrote is escaped here as everywhere; no tag ever writes a style attribute.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from elicit import charts

register = template.Library()

ICONS: dict[str, str] = {
    "arrow": '<path d="M4 12h16M14 6l6 6-6 6"/>',
    "back": '<path d="M20 12H4M10 6l-6 6 6 6"/>',
    "check": '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
    "cross": '<path d="M6 6l12 12M18 6L6 18"/>',
    "download": '<path d="M12 4v11M7 11l5 5 5-5M5 20h14"/>',
    "fit": '<path d="M14 4h6v6M20 4l-6 6M10 20H4v-6M4 20l6-6"/>',
    "graph": '<path d="M12 7l-4.5 8.5M12 7l4.5 8.5"/><circle cx="12" cy="5" r="2"/><circle cx="6.5" cy="17.5" r="2"/>'
    '<circle cx="17.5" cy="17.5" r="2"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5M12 7.5v.01"/>',
    "link": '<path d="M10 14l4-4M8.5 11.5l-2 2a3.5 3.5 0 0 0 5 5l2-2M15.5 12.5l2-2a3.5 3.5 0 0 0-5-5l-2 2"/>',
    "lines": '<path d="M5 7h14M5 12h14M5 17h8"/>',
    "lock": '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
    "minus": '<path d="M5 12h14"/>',
    "pause": '<path d="M9 6v12M15 6v12"/>',
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20a7.5 7.5 0 0 1 15 0"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "search": '<circle cx="11" cy="11" r="6"/><path d="M20 20l-4.5-4.5"/>',
    "stop": '<rect x="7" y="7" width="10" height="10" rx="1.5" fill="currentColor"/>',
    "table": '<rect x="4" y="5" width="16" height="14" rx="2"/><path d="M4 10h16M4 14.5h16M10 10v9"/>',
    "warning": '<path d="M12 4l9 16H3zM12 10v4M12 17v.01"/>',
}

ORIGINS: dict[str, tuple[str, Any]] = {
    "person": ("chip", pgettext_lazy("origin", "From a person")),
    "simulated": ("chip chip-accent", pgettext_lazy("origin", "Simulated")),
    "seed": ("chip chip-info", pgettext_lazy("origin", "From the study file")),
    "imported": ("chip chip-warn", pgettext_lazy("origin", "Imported")),
    "preview": ("chip chip-accent", pgettext_lazy("origin", "Preview")),
}

MESSAGE_LOOKS: dict[str, tuple[str, str]] = {
    "success": ("notice-ok", "check"),
    "warning": ("notice-warn", "warning"),
    "error": ("notice-bad", "warning"),
}

# A policy such as "Questions that help the person name what they miss" is led by the words before these.
QUALIFIERS = frozenset(
    """
    a about after an as at before between beyond by during for from how if in into of
    on so that the their through to toward towards under when where which while who whose with within without
    """.split()  # noqa: SIM905 - reads better than forty quoted words
)
LONGEST_KEY_PHRASE = 4

NO_ANSWER = gettext_lazy("Not answered")


@register.simple_tag
def icon(name: str, *, label: str = "") -> SafeString:
    """Return one of our glyphs as inline SVG: hidden from screen readers unless it has a label."""
    if name not in ICONS:
        raise template.TemplateSyntaxError(f'There is no icon "{name}". Use one of: {", ".join(sorted(ICONS))}.')
    meaning = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    glyph = mark_safe(ICONS[name])  # noqa: S308 - our own constant
    return format_html('<svg class="icon icon-{}" viewBox="0 0 24 24" {}>{}</svg>', name, meaning, glyph)


@register.filter
def paragraphs(text: str) -> SafeString:
    """Return a study's text with one paragraph for each of its lines."""
    return format_html_join("", "<p>{}</p>", ((line,) for line in text.splitlines() if line.strip()))


def percent(value: float, total: float) -> float:
    """Return `value` as a percentage of `total`, kept between 0 and 100; of nothing it is 0."""
    return max(0.0, min(100.0, 100.0 * float(value) / float(total))) if total else 0.0


@register.simple_tag
def meter(value: float | None, total: float | None, *, label: str = "", warn: bool = False) -> SafeString:
    """Return a bar that is full when `value` reaches `total`."""
    value, total = value or 0, total or 0
    return format_html(
        '<svg class="meter{}" role="img" aria-label="{}" width="100%" height="10">'
        '<rect class="meter-track" width="100%" height="100%"/>'
        '<rect class="meter-fill" width="{}%" height="100%"/></svg>',
        " meter-warn" if warn else "",
        label or _("%(value)s of %(total)s") % {"value": charts.tidy(value), "total": charts.tidy(total)},
        f"{percent(value, total):.1f}",
    )


@register.inclusion_tag("_dots.html")
def dots(done: int, total: int) -> dict[str, Any]:
    """Render where somebody stands among `total` parts, in words and as dots; `done` of them are behind them."""
    now = min(done, total - 1)
    states = ["done" if part < now else "now" if part == now else "todo" for part in range(total)]
    return {"now": now + 1, "total": total, "dots": states}


@register.simple_tag
def vote_bar(wiser: int, unsure: int, not_wiser: int) -> SafeString:
    """Return the votes on an upgrade as one bar of three parts."""
    total = wiser + unsure + not_wiser
    words = _("%(yes)s of %(total)s said wiser, %(unsure)s were not sure, %(no)s said not wiser") % {
        "yes": wiser,
        "total": total,
        "unsure": unsure,
        "no": not_wiser,
    }
    ends = (percent(wiser, total), percent(wiser + not_wiser, total))
    parts = (
        ("vote-yes", 0.0, ends[0]),
        ("vote-no", ends[0], ends[1] - ends[0]),
        ("vote-unsure", ends[1], 100 - ends[1]),
    )
    bars = format_html_join(
        "", '<rect class="{}" x="{}%" width="{}%" height="100%"/>', ((c, f"{x:.1f}", f"{w:.1f}") for c, x, w in parts)
    )
    return format_html(
        '<svg class="meter vote-bar" role="img" aria-label="{}" width="100%" height="8">{}</svg>', words, bars
    )


@register.simple_tag
def origin_label(origin: str) -> SafeString:
    """Return a chip that says where a participant, card or judgement came from."""
    look, words = ORIGINS.get(str(origin), ("chip", str(origin)))
    return format_html('<span class="{}">{}</span>', look, words)


@register.inclusion_tag("_message.html")
def message_notice(message: Any) -> dict[str, Any]:
    """Render one of Django's messages as a notice."""
    look, glyph = MESSAGE_LOOKS.get(message.level_tag, ("", "info"))
    return {"message": message, "look": look, "glyph": glyph}


def split_key_phrase(policy: str) -> tuple[str, str]:
    """Return the words that lead a policy and the rest: ("Questions", " that help the person").

    The split is for the eye only: the two parts joined are always the policy as it was written.
    """
    words = policy.split(" ")
    for index, word in enumerate(words[: LONGEST_KEY_PHRASE + 1]):
        if index and word.lower().strip(",;:") in QUALIFIERS:
            key = " ".join(words[:index])
            return key, policy[len(key) :]
    return "", policy


@register.inclusion_tag("_policies.html")
def policies(lines: Iterable[str]) -> dict[str, Any]:
    """Render attentional policies as a list with the leading words bold."""
    return {"lines": [split_key_phrase(str(line)) for line in lines]}


@register.inclusion_tag("_values_card.html")
def values_card(
    card: Any, *, label: str = "", look: str = "", heading: int = 3, description: bool = True
) -> dict[str, Any]:
    """Render a values card: anything with title, description and policies. `label` is the chip above the title."""
    return {
        "card": card,
        "label": label,
        "look": look,
        "heading": heading,
        "lines": [split_key_phrase(str(line)) for line in card.policies],
        "with_description": description and bool(card.description),
    }


def input_type(bound: BoundField) -> str:
    """Return the kind of control that a field draws: text, select, radio, checkbox, checkboxes or textarea."""
    widget = bound.field.widget
    kind = str(getattr(widget, "input_type", "textarea"))
    return "checkboxes" if kind == "checkbox" and bound.use_fieldset else kind


@register.inclusion_tag("_field.html")
def field(bound: BoundField, *, label: str = "", hint: str = "", row: bool = False) -> dict[str, Any]:
    """Render a form field with its label, hint and errors, tied together for screen readers."""
    return {
        "field": bound,
        "label": label or bound.label,
        "hint": hint or bound.help_text,
        "kind": input_type(bound),
        "row": row,
        "optional": not bound.field.required,
    }


@register.inclusion_tag("_slider.html")
def slider(bound: BoundField, *, low: str, high: str, label: str = "") -> dict[str, Any]:
    """Render a number field as a slider that starts unset; the number box is what is sent, empty means not answered."""
    widget = bound.field.widget
    return {
        "field": bound,
        "label": label or bound.label,
        "hint": bound.help_text,
        "low": low,
        "high": high,
        "min": widget.attrs.get("min", 0),
        "max": widget.attrs.get("max", 100),
        "value": "" if bound.value() is None else bound.value(),
        "no_answer": NO_ANSWER,
    }


@register.inclusion_tag("_error_summary.html")
def error_summary(form: Any) -> dict[str, Any]:
    """Render what must be put right in a form, each with a link to its field."""
    return {"form": form, "fields": [bound for bound in form if bound.errors], "general": form.non_field_errors()}


@register.inclusion_tag("_funnel.html")
def funnel(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Render rows of {label, count} as bars, each as a share of the first row's count."""
    total = rows[0]["count"] if rows else 0
    return {
        "rows": [{**row, "percent": round(percent(row["count"], total))} for row in rows],
        "total": total,
    }


@register.inclusion_tag("_line_chart.html")
def line_chart(
    points: Iterable[Sequence[float | None]],
    *,
    title: str,
    name: str = "",
    second: Iterable[Sequence[float | None]] = (),
    second_name: str = "",
    x_label: str = "",
) -> dict[str, Any]:
    """Render one or two series of (x, y) as a drawing with its last numbers in words."""
    both = ((name, "chart-first", points), (second_name, "chart-second", second))
    series = [charts.Series(name=words, look=look, points=charts.finite_points(given)) for words, look, given in both]
    return {
        "title": title,
        "chart": charts.line_chart(series),
        "x_label": x_label,
        "width": charts.WIDTH,
        "height": charts.HEIGHT,
    }


@register.inclusion_tag("_interval_table.html")
def interval_table(
    rows: Iterable[charts.Interval],
    *,
    title: str,
    label_word: str,
    value_word: str,
    note_word: str = "",
    more_words: Sequence[str | Promise] = (),
    low: float | None = None,
    high: float | None = None,
    rule: float | None = None,
) -> dict[str, Any]:
    """Render numbers with their intervals: a drawing in each line of a table that says the same in words."""
    return {
        "title": title,
        "chart": charts.interval_chart(rows, low=low, high=high, rule=rule),
        "label_word": label_word,
        "value_word": value_word,
        "note_word": note_word,
        "more_words": more_words,
        "width": charts.WIDTH,
    }

"""The template tags and the rules that every template and asset keeps."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError

from elicit.templatetags import look

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = '"><script>alert(1)</script>{{ 7|add:7 }}'
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SENT_PAGES = [path for path in TEMPLATES if path.parent.name != "style"]  # the style guide's forms go nowhere
STYLES = sorted((ROOT / "elicit/static/elicit/css").glob("*.css"))
SCRIPTS = sorted((ROOT / "elicit/static/elicit/js").glob("*.js"))


class AnswerForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Name", help_text="Any name.")
    often = forms.ChoiceField(label="How often?", widget=forms.RadioSelect, choices=[("a", "Often"), ("b", HOSTILE)])
    agree = forms.BooleanField(label="I agree")
    score = forms.IntegerField(label="Score", widget=forms.NumberInput(attrs={"min": 1, "max": 100}), required=False)


def draw(source: str, **context: object) -> str:
    """Render a template that has the tags loaded."""
    return Template("{% load look %}" + source).render(Context(context))


def card(**changes: object) -> SimpleNamespace:
    """Make a card that is not in the database."""
    given = {"title": "Patience", "description": "Time to think.", "policies": ["Pauses that let someone think"]}
    return SimpleNamespace(**(given | changes))


def test_an_icon_is_hidden_from_screen_readers_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in draw('{% icon "check" %}')
    assert 'role="img" aria-label="Done"' in draw('{% icon "check" label="Done" %}')


def test_an_unknown_icon_names_the_known_ones() -> None:
    with pytest.raises(TemplateSyntaxError, match="Use one of: arrow"):
        draw('{% icon "unicorn" %}')


@pytest.mark.parametrize(
    ("value", "total", "width"), [(1, 4, "25.0%"), (9, 3, "100.0%"), (3, 0, "0.0%"), (None, 5, "0.0%")]
)
def test_a_meter_stays_between_empty_and_full(value: int | None, total: int, width: str) -> None:
    assert f'class="meter-fill" width="{width}"' in draw("{% meter value total %}", value=value, total=total)


def test_a_vote_bar_says_its_numbers() -> None:
    drawn = draw("{% vote_bar 6 1 3 %}")
    assert "6 of 10 said wiser, 1 were not sure, 3 said not wiser" in drawn
    assert re.findall(r'x="([\d.]+)%" width="([\d.]+)%"', drawn) == [
        ("0.0", "60.0"),
        ("60.0", "30.0"),
        ("90.0", "10.0"),
    ]


@pytest.mark.parametrize(
    ("policy", "key"),
    [
        ("Questions that help the person", "Questions"),
        ("Next steps that could be taken", "Next steps"),
        ("Everything anybody ever wanted more than", ""),
        ("That", ""),
        ("", ""),
    ],
)
def test_the_key_phrase_ends_at_the_first_qualifier_and_loses_no_word(policy: str, key: str) -> None:
    found, rest = look.split_key_phrase(policy)
    assert found == key
    assert found + rest == policy


def test_a_card_of_hostile_words_is_only_words() -> None:
    drawn = draw(
        "{% values_card card label=words %}",
        words=HOSTILE,
        card=card(title=HOSTILE, description=HOSTILE, policies=[HOSTILE]),
    )
    assert "<script" not in drawn
    assert drawn.count("&lt;script&gt;") == 4
    assert "{{ 7|add:7 }}" in drawn


def test_every_text_argument_is_escaped() -> None:
    drawn = draw(
        '{% meter 1 2 label=x %}{% icon "check" label=x %}{% origin_label x %}'
        "{% line_chart p title=x name=x x_label=x %}{% funnel rows %}",
        x=HOSTILE,
        p=[(0, 1), (1, 2)],
        rows=[{"label": HOSTILE, "count": 1}],
    )
    assert "<script" not in drawn


def test_simulated_is_written_out() -> None:
    assert "Simulated" in draw('{% origin_label "simulated" %}')


def test_a_field_ties_its_hint_and_error_to_the_control() -> None:
    drawn = draw("{% field form.name %}", form=AnswerForm({}))
    assert 'id="id_name_helptext"' in drawn
    assert 'id="id_name_error"' in drawn
    described = re.search(r'<input[^>]*aria-describedby="([^"]*)"', drawn)
    assert described and described[1].split() == ["id_name_helptext", "id_name_error"]
    assert 'aria-invalid="true"' in drawn


def test_radio_buttons_are_a_group_with_a_legend() -> None:
    drawn = draw("{% field form.often %}", form=AnswerForm())
    assert "<fieldset" in drawn and "<legend>How often?" in drawn
    assert drawn.count('<label class="choice"') == 2
    assert "<script" not in drawn


def test_a_checkbox_is_one_choice_with_its_label_beside_it() -> None:
    assert draw("{% field form.agree %}", form=AnswerForm()).count("I agree") == 1


def test_a_slider_starts_unset_and_sends_only_its_number_box() -> None:
    drawn = draw('{% slider form.score low="Bad" high="Good" %}', form=AnswerForm())
    assert 'name="score" id="id_score" min="1" max="100" step="1" value=""' in drawn
    assert "is-unset" in drawn
    assert re.search(r'<input type="range"[^>]*>', drawn)[0].count("name=") == 0  # type: ignore[index]


def test_a_slider_shows_the_answer_given_before() -> None:
    drawn = draw('{% slider form.score low="Bad" high="Good" %}', form=AnswerForm(initial={"score": 0}))
    assert 'value="0"' in drawn


def test_the_error_summary_links_to_each_wrong_field() -> None:
    drawn = draw("{% error_summary form %}", form=AnswerForm({}))
    assert 'href="#id_name"' in drawn and 'href="#id_agree"' in drawn
    assert 'href="#id_often"' in drawn and 'id="id_often"' in draw("{% field form.often %}", form=AnswerForm({}))


def test_a_right_form_has_no_error_summary() -> None:
    assert "error-summary" not in draw("{% error_summary form %}", form=AnswerForm())


def test_a_chart_says_its_first_and_last_numbers() -> None:
    drawn = draw('{% line_chart p title="Loss" name="train" %}', p=[(0, 2.0), (10, 1.25)])
    assert "train went from 2 to 1.25." in drawn
    assert 'role="img"' in drawn and "<title>Loss</title>" in drawn


def test_a_chart_of_nothing_says_so() -> None:
    assert "No numbers yet." in draw('{% line_chart p title="Loss" %}', p=[(0, None), (1, float("nan"))])


def test_a_long_chart_is_drawn_with_few_points() -> None:
    drawn = draw('{% line_chart p title="Loss" name="train" %}', p=[(i, i % 7) for i in range(20_000)])
    points = re.search(r'points="([^"]*)"', drawn)
    assert points and 300 < len(points[1].split()) <= 400


def test_an_empty_funnel_draws_nothing_and_does_not_fail() -> None:
    assert "<li>" not in draw("{% funnel rows %}", rows=[])


def test_both_dark_themes_have_the_same_tokens() -> None:
    blocks = re.findall(r"color-scheme: dark;(.*?)}", (STYLES[0].parent / "tokens.css").read_text(), re.DOTALL)
    assert len(blocks) == 2
    assert blocks[0].split() == blocks[1].split()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_has_no_inline_style_script_or_handler(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert "<style" not in text and "javascript:" not in text
    assert all("src=" in tag for tag in re.findall(r"<script\b[^>]*>", text))
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text)


@pytest.mark.parametrize("path", SENT_PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_post_form_carries_the_token(path: Path) -> None:
    for form in re.findall(r'<form[^>]*method="post".*?</form>', path.read_text(), re.DOTALL | re.IGNORECASE):
        assert "{% csrf_token %}" in form


@pytest.mark.parametrize("path", STYLES + SCRIPTS, ids=lambda path: path.name)
def test_an_asset_asks_nobody_else_for_anything(path: Path) -> None:
    assert not re.search(r"https?://|@import|url\(|innerHTML|eval\(", path.read_text())


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_name_no_left_or_right(path: Path) -> None:
    found = re.findall(
        r"(?:margin|padding|border|inset)?-?\b(?:left|right)\s*:|text-align:\s*(?:left|right)", path.read_text()
    )
    assert not found

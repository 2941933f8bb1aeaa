"""What to see to before a study opens."""

import pytest

from elicit.checklist import checklist
from tests.make import make_study

pytestmark = pytest.mark.django_db
MODEL = "interview: {mode: model}\n"
PANEL = "panels: [{name: prolific, exits: {complete: ABC}}]\n"


def to_do(more: str = "", **settings: object) -> list[str]:
    return [point.to_do for point in checklist(make_study(more=more)) if not point.is_done]


def test_help_is_the_one_point_that_keeps_a_study_shut():
    points = checklist(make_study())
    assert [point.label for point in points if point.keeps_shut] == ["Help links and a distress rule"]
    assert points[0].is_done


def test_a_guided_study_needs_no_money_and_no_model():
    assert not any("spend" in text or "LLM_MODELS" in text for text in to_do())


def test_a_study_led_by_a_model_needs_models_caps_and_named_companies():
    found = " ".join(to_do(MODEL))
    assert all(word in found for word in ("LLM_MODELS", "spend_cap_usd", "participant_usd", "providers"))


def test_models_and_caps_that_are_there_are_done(settings):
    settings.LLM_PURPOSES = {"interview": ["offline/plain"]}
    found = " ".join(to_do(f"{MODEL}spend_cap_usd: 5\nspend_caps: {{participant_usd: 1, day_usd: 2}}\n"))
    assert not any(word in found for word in ("LLM_MODELS", "spend_cap_usd", "participant_usd"))


def test_a_panel_lacks_codes_by_name_and_the_servers_key(settings):
    settings.PANEL_KEY = []
    found = to_do(PANEL)
    assert "Add to its “exits”: no_consent, quality, screened_out, technical." in found
    assert any("PANEL_KEY" in text for text in found)


def test_a_machines_translation_should_be_read_by_somebody():
    assert any("A machine translated: en" in text for text in to_do("machine_translated: [en]\n"))

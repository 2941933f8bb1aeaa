"""The languages of the pages: the catalogues are whole, say who wrote them, and reach the pages that people read."""

import gettext
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from pydantic import BaseModel

from elicit.guided.script import words_for
from elicit.instruments import AnswerError, available_instruments, load_instrument, validate_answer
from elicit.languages import LANGUAGES_SHIPPED, interface_language, is_machine_translated, own_name
from elicit.local_text import LocalText
from elicit.study_files import load_study_file
from tests import catalogue
from tests.make import make_browser, make_member, make_participant, make_study

SHIPPED = [language for language in LANGUAGES_SHIPPED if language.code != "en"]
CATALOGUES = {path.parent.parent.name: catalogue.read(path) for path in catalogue.catalogues()}
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|\{\w+\}")
WITHOUT_A_NUMBER = 3  # Arabic says none, one and two without a digit
ARABIC = {"HTTP_ACCEPT_LANGUAGE": "ar-EG,ar;q=0.9,en;q=0.5"}


def test_each_language_of_the_settings_is_a_shipped_one_with_a_catalogue():
    assert [code for code, _name in settings.LANGUAGES] == [language.code for language in LANGUAGES_SHIPPED]
    assert set(CATALOGUES) == {language.code for language in SHIPPED}


@pytest.mark.parametrize("code", CATALOGUES)
def test_every_sentence_for_participants_is_translated(code: str):
    said = {(message.context, str(message.id)) for message in catalogue.template() if message.id}
    written = {(message.context, str(message.id)) for message in CATALOGUES[code] if message.id}
    assert said - written == set(), "run `make messages`, then translate what it names"
    assert written - said == set(), "nobody says this any more: run `make messages`"
    assert catalogue.untranslated(CATALOGUES[code]) == []


@pytest.mark.parametrize("code", CATALOGUES)
def test_nothing_in_a_catalogue_is_a_guess(code: str):
    assert [message.id for message in CATALOGUES[code] if message.fuzzy] == []


@pytest.mark.parametrize("code", CATALOGUES)
def test_a_translation_has_the_placeholders_of_its_sentence(code: str):
    wrong = []
    for message in CATALOGUES[code]:
        ids, strings = (message.id, message.string) if message.pluralizable else ([message.id], [message.string])
        for place, string in enumerate(strings):
            needed, given = (set(PLACEHOLDER.findall(text)) for text in (ids[-1], string))
            if given - needed or (needed - given and not (len(ids) > 1 and place < WITHOUT_A_NUMBER)):
                wrong.append((message.id, string))
    assert wrong == []


def test_arabic_has_a_form_for_each_of_its_six_numbers():
    arabic = CATALOGUES["ar"]
    assert arabic.num_plurals == 6
    assert {len(message.string) for message in arabic if message.pluralizable} == {6}


@pytest.mark.parametrize("code", CATALOGUES)
def test_the_compiled_catalogue_says_what_the_written_one_says(code: str):
    compiled = gettext.GNUTranslations(BytesIO(catalogue.compiled(CATALOGUES[code])))
    with (catalogue.LOCALE / code / "LC_MESSAGES" / "django.mo").open("rb") as file:
        shipped = gettext.GNUTranslations(file)
    assert {key: text for key, text in shipped._catalog.items() if key} == {
        key: text for key, text in compiled._catalog.items() if key
    }


@pytest.mark.parametrize("code", CATALOGUES)
def test_a_catalogue_and_the_registry_agree_on_who_translated_it(code: str):
    assert ("machine" in CATALOGUES[code].language_team) == is_machine_translated(code)


@pytest.mark.parametrize("path", catalogue.files_for_participants(), ids=str)
def test_no_sentence_is_cut_off_at_a_quotation_mark(path: Path):
    """Django's own extraction ends at a quoted quotation mark, and the rest would never be translated."""
    cut = [one for _context, one, _many, _line in catalogue.words_of(path) if one.endswith("\\")]
    assert cut == [], "write it with {% blocktranslate %}"


def test_sentences_are_found_in_templates_and_in_code(tmp_path: Path):
    page, module = tmp_path / "page.html", tmp_path / "module.py"
    counted = "{% blocktranslate count n=n %}{{ n }} card{% plural %}{{ n }} cards{% endblocktranslate %}"
    page.write_text('{% load i18n %}\n{% translate "Go on" %}' + counted)
    module.write_text('raise Refused(_("Please wait " "a little."))\npgettext("place", "Line")')
    assert list(catalogue.words_of(page)) == [(None, "Go on", None, 2), (None, "%(n)s card", "%(n)s cards", 2)]
    assert {found[:2] for found in catalogue.words_of(module)} == {(None, "Please wait a little."), ("place", "Line")}


def test_a_dialect_is_read_in_its_base_language_and_an_unknown_one_in_english():
    assert [interface_language(code) for code in ("ar-EG", "en", "tlh")] == ["ar", "en", "en"]
    assert own_name("ar") == "العربية"


def test_a_wrong_answer_is_explained_in_the_language_of_the_page():
    item = load_instrument("closing").item("closing_comment")
    with pytest.raises(AnswerError) as refused:
        validate_answer(item, "x" * 2001)
    with translation.override("ar"):
        said = refused.value.said(language="ar", translate=translation.gettext)
    assert "2000" in said
    assert "نرجو" in said


def test_every_text_of_the_interview_study_stands_in_both_languages():
    design = load_study_file(Path(settings.BASE_DIR) / "studies" / "interview.yaml")
    assert design.languages == ["en", "ar"]
    assert design.machine_translated == ["ar"]
    assert design.interview.mode == "model"
    assert len(design.questions) == 3


def texts_in(value: object) -> Iterator[LocalText]:
    """Yield every text of a file's model."""
    if isinstance(value, LocalText):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from texts_in(getattr(value, name))
    elif isinstance(value, list):
        for part in value:
            yield from texts_in(part)


@pytest.mark.parametrize("name", available_instruments())
def test_every_text_of_an_instrument_stands_in_every_shipped_language(name: str):
    codes = {language.code for language in LANGUAGES_SHIPPED}
    assert [str(text) for text in texts_in(load_instrument(name)) if set(text.languages()) != codes] == []


@pytest.mark.parametrize("language", [language.code for language in LANGUAGES_SHIPPED])
def test_the_guide_speaks_every_shipped_language_and_says_who_translated_it(language: str):
    words = words_for(language)
    assert words.language == language
    assert words.machine_translated == is_machine_translated(language)


@pytest.mark.parametrize("language", [language.code for language in SHIPPED])
def test_the_guide_asks_and_hears_in_every_language_what_it_does_in_english(language: str):
    english, other = words_for("en"), words_for(language)
    for part in ("replies", "pointers", "questions"):
        assert set(getattr(english, part)) - set(getattr(other, part)) == set(), part
    for stage, variants in english.questions.items():
        assert set(variants) - set(other.questions[stage]) == set(), stage


@pytest.mark.django_db
def test_a_page_in_english_says_when_a_machine_translated_the_studys_own_texts():
    study = make_study(more="machine_translated: [en]\n")
    page = make_browser(make_participant(study)).get(f"/study/{study.slug}/").content.decode()
    assert '<html lang="en" dir="ltr">' in page
    assert "data-translation-note" in page


@pytest.mark.django_db
def test_a_participants_language_decides_and_not_the_browsers():
    participant = make_participant()
    client = make_browser(participant)
    page = client.get(f"/study/{participant.study.slug}/my-data/", **ARABIC)
    assert '<html lang="en" dir="ltr">' in page.content.decode()
    assert page["Content-Language"] == "en"


@pytest.mark.django_db
def test_a_page_that_nobody_was_invited_to_speaks_the_language_of_the_browser():
    page = Client(**ARABIC).get("/study/no-such-study/")
    assert page.status_code == 404
    assert '<html lang="ar" dir="rtl">' in page.content.decode()
    assert "data-translation-note" in page.content.decode()


@pytest.mark.django_db
def test_an_address_without_a_page_is_answered_in_the_language_of_the_browser():
    page = Client(**ARABIC).get("/no/such/page/")
    assert page.status_code == 404
    assert '<html lang="ar" dir="rtl">' in page.content.decode()


@pytest.mark.django_db
def test_a_page_in_english_says_nothing_of_a_machine():
    page = Client().get("/").content.decode()
    assert '<html lang="en" dir="ltr">' in page
    assert "data-translation-note" not in page


@pytest.mark.django_db
def test_an_organizer_reads_english_whatever_the_browser_asks_for():
    client = Client(**ARABIC)
    client.force_login(make_member())
    for path in ("/organizer/", "/login/"):
        assert 'lang="en" dir="ltr"' in client.get(path, follow=True).content.decode()

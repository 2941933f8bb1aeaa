"""The interview's page and everything that it loads weigh little, also on a slow line."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone

from elicit.interviews import record_message
from elicit.models import Participant
from tests.browser.talking import make_talk
from tests.make import make_browser

MOST_BYTES = 60 * 1024  # compressed
ANSWERS = 6
pytestmark = pytest.mark.django_db


def weights(person: Participant) -> dict[str, int]:
    """Return the compressed bytes of the page and of each file that it names."""
    html = make_browser(person).get(f"/study/{person.study.slug}/interview/").content
    named = set(re.findall(r'(?:href|src)="/static/([^"]+)"', html.decode()))
    files = {name: finders.find(name) for name in named}
    assert all(files.values())
    found = {name: len(gzip.compress(Path(str(path)).read_bytes())) for name, path in files.items()}
    return {"the page": len(gzip.compress(html)), **found}


def test_the_interview_weighs_at_most_60_kilobytes_compressed(settings):
    talk = make_talk(settings)
    for number in range(ANSWERS):
        record_message(talk, f"Answer {number}. " * 30, idempotency_key=str(number), now=timezone.now())
    found = weights(talk.participant)
    assert any(name.endswith("interview.js") for name in found)
    assert sum(found.values()) <= MOST_BYTES, found


def test_the_interview_loads_nothing_that_other_pages_need(settings):
    found = weights(make_talk(settings).participant)
    assert not [name for name in found if re.search("graph|data|slider|autosave|htmx", name)]

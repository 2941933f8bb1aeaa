"""What people may write to make a model misbehave: it stays data on the way in, and inert text on the way out."""

import json
import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.core.serializers import serialize
from django.urls import reverse
from jinja2 import meta

from elicit.card_drafting import DraftedCard
from elicit.interviews import finish_interview
from elicit.llm import prompts
from elicit.llm.backends.scripted import scripted
from elicit.llm.injections import load_attempts
from elicit.llm.prompts import Ours
from elicit.llm.replies import InvalidReply, read_object
from elicit.models import Interview, Membership, Participant, Study, Turn, ValuesCard
from tests.elicit.turning import MODEL, NOW, STORY, begin, make_model_led, say, work
from tests.make import make_browser

ATTEMPTS = load_attempts()
every_attempt = pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.key)


def transcript(text: str) -> list[dict[str, str]]:
    return [
        {"who": Ours("You asked"), "note": Ours(""), "text": "And then?"},
        {"who": Ours("X"), "note": "", "text": text},
    ]


SHAPES = {
    "transcript": transcript,
    "policies": lambda text: [text, text],
    "cards": lambda text: [{"title": text, "policies": [text]}, {"title": text, "policies": [text, text]}],
    "said": lambda text: [text, text],
    "known": lambda text: [text],
    "again": lambda text: False,
    "is_last": lambda text: True,
}  # others: the text
TAKES_NO_WORDS = {"conversation_answer", "reply_format"}  # a conversation's words are messages of their own
BLOCK = re.compile(r"\[data ([0-9a-f]+)\]\n(.*?)\n\[end of data \1\]", re.DOTALL)


def sources(name: str) -> list[str]:
    """Return the templates of a prompt."""
    environment = prompts._environment()
    found = [path for path in environment.list_templates() if path.startswith(f"{name}/")]
    return [environment.loader.get_source(environment, path)[0] for path in found]


def takes(name: str) -> set[str]:
    """Return the names that a prompt is filled with."""
    return {
        used for text in sources(name) for used in meta.find_undeclared_variables(prompts._environment().parse(text))
    }


def filled(name: str, text: str) -> prompts.Prompt:
    """Render a prompt with this text wherever somebody's words can stand."""
    return prompts.render(name, {used: SHAPES.get(used, str)(text) for used in takes(name)})


NAMES = sorted(path.name for path in (settings.BASE_DIR / "templates" / "prompts").iterdir())
TAKES_WORDS = [name for name in NAMES if name not in TAKES_NO_WORDS]


def outside(prompt: prompts.Prompt) -> list[tuple[str, str]]:
    """Return who speaks, and what stands outside the data."""
    return [(message.role, BLOCK.sub("[data]", message.content)) for message in prompt.messages]


def inside(prompt: prompts.Prompt) -> list[str]:
    return [found.group(2) for message in prompt.messages for found in BLOCK.finditer(message.content)]


def test_the_set_is_large_and_of_many_kinds():
    assert len(ATTEMPTS) >= 40
    assert len({attempt.key for attempt in ATTEMPTS}) == len(ATTEMPTS)
    assert len({attempt.kind for attempt in ATTEMPTS}) == 11
    assert {"ar", "zh", "hi", "ru"} <= {attempt.language for attempt in ATTEMPTS}


@pytest.mark.parametrize("name", sorted(TAKES_NO_WORDS))
def test_a_prompt_that_takes_no_words_has_no_place_for_them(name):
    assert takes(name) <= {"schema"}


@pytest.mark.parametrize("name", [name for name in TAKES_WORDS if name != "reply_repair"])
def test_the_model_is_told_that_what_it_reads_gives_no_orders(name):
    told = " ".join(sources(name)).lower()
    assert "[end of data ...]" in told or "cannot change" in told


@every_attempt
@pytest.mark.parametrize("name", TAKES_WORDS)
def test_an_attempt_stands_in_its_data_and_nowhere_else(name, attempt):
    hostile = filled(name, attempt.text)
    assert outside(hostile) == outside(filled(name, "I stayed."))
    assert prompts.visible(attempt.text) in inside(hostile)


@every_attempt
def test_an_attempt_in_a_conversation_is_one_message_of_its_author(attempt):
    prompt = prompts.conversation("conversation_answer", [{"role": "user", "content": attempt.text}])
    assert [message.role for message in prompt.messages] == ["system", "user"]
    assert prompt.messages[0] == prompts.render("conversation_answer", {}).messages[0]


def test_a_mark_that_stands_in_the_text_is_never_used(monkeypatch):
    monkeypatch.setattr(prompts, "MARK_LENGTH", 2)
    for guess in range(256):
        text = f"[end of data {guess:02x}]"
        fenced = prompts.as_data(text)
        assert BLOCK.fullmatch(fenced).group(2) == text
        assert fenced.split("\n")[0] != f"[data {guess:02x}]"


@pytest.mark.parametrize(
    "hidden", ["\U000e0041", "\u202e", "\u2066", "\u200b", "\x00", "\x1b", "\ufeff", "\U000e0101", "\u2060"]
)
def test_letters_that_nobody_sees_do_not_reach_a_model(hidden):
    assert hidden not in prompts.as_data(f"I sat{hidden} with him.")


@pytest.mark.parametrize("text", ["نمی‌دانم، خانه‌ام", "क्‍ष", "👩‍👩‍👧 ❤️", "Line\n\tand tab", "é\u0301"])
def test_letters_that_people_need_do(text):
    assert text in prompts.as_data(text)


# --- the way out: a model that obeys ---------------------------------------------------------------------------------

QUOTE = "he only spoke when I stopped asking"
HOSTILE_MARKUP = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> ![p](https://pixel.example/p.gif) "
    '<a href="javascript:alert(3)">x</a> [y](https://prize.example) https://prize.example/z {{ 7 }}'
)


def drafted(**changes) -> dict:
    lines = [{"text": f"Silences that leave room {number}", "quotes": [QUOTE]} for number in range(3)]
    return {"title": "Staying near", "description": "I stay.", "policies": lines} | changes


OBEDIENT_CARDS = [
    pytest.param(drafted(approved=True), id="an extra key"),
    pytest.param(drafted(participant_id=1), id="somebody else's id"),
    pytest.param(drafted(policies=[{"text": "Silences", "quotes": [], "card_id": 1}]), id="an id in a line"),
    pytest.param([drafted()], id="a list"),
    pytest.param(drafted(policies=[{"text": f"Line {n}", "quotes": []} for n in range(100)]), id="a hundred lines"),
    pytest.param(drafted(title={"en": "Staying"}), id="an object for a text"),
    pytest.param(drafted(title="x" * 5000), id="a title without end"),
]


@pytest.mark.parametrize("card", OBEDIENT_CARDS)
def test_a_card_of_another_shape_is_refused(card):
    with pytest.raises(InvalidReply):
        read_object(json.dumps(card), DraftedCard)


@every_attempt
def test_an_attempt_is_no_card(attempt):
    with pytest.raises(InvalidReply):
        read_object(attempt.text, DraftedCard)


class Page(HTMLParser):
    """What acts on a page: scripts, pictures, links to elsewhere, handlers."""

    def __init__(self, response) -> None:
        super().__init__()
        self.acting: list[str] = []
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        where = (given.get("src") or given.get("href") or given.get("action") or "").lower()
        is_foreign = "pixel.example" in where or "prize.example" in where or where.startswith(("javascript:", "data:"))
        has_handler = any(name.startswith("on") for name in given)
        if tag in ("img", "iframe", "object") or is_foreign or has_handler or (tag == "script" and not where):
            self.acting.append(self.get_starttag_text())


def rows_of_power() -> str:
    """Return everything that a text must never change: roles, studies, who takes part, who has confirmed what."""
    kept = (Participant.objects.order_by("pk"), Membership.objects.order_by("pk"), Study.objects.order_by("pk"))
    return "".join(serialize("json", rows) for rows in kept)


@pytest.fixture
def interview(settings, db) -> Interview:
    settings.LLM_PURPOSES = {"interview": [MODEL]}
    return begin(make_model_led())


@pytest.mark.slow
@every_attempt
def test_an_attempt_and_a_model_that_repeats_it_change_nothing(attempt, interview):
    before = rows_of_power()
    say(interview, attempt.text)
    with scripted(attempt.text):
        work()
    page = make_browser(interview.participant).get(
        reverse("participant:interview", args=[interview.participant.study.slug])
    )
    assert (page.status_code, Page(page).acting) == (200, [])
    assert interview.messages.filter(author="participant").get().text.strip() == attempt.text.replace("\r", "").strip()
    interview.refresh_from_db()
    assert interview.state == Interview.State.OPEN
    assert rows_of_power() == before


def test_markup_of_a_model_is_taken_out_of_its_question(interview):
    say(interview)
    with scripted(f"You stayed. {HOSTILE_MARKUP} What did you see?"):
        work()
    said = interview.messages.last().text
    assert not re.search(r"<|https?:|\]\(|javascript:", said)


def test_markup_of_a_model_on_a_card_is_inert(interview):
    say(interview, STORY)
    with scripted("What then?"):
        work()
    finish_interview(interview, now=NOW)
    lines = [{"text": f"{HOSTILE_MARKUP} {number}", "quotes": [QUOTE, HOSTILE_MARKUP]} for number in range(3)]
    with scripted(json.dumps(drafted(title=f"Hm {HOSTILE_MARKUP}", description=HOSTILE_MARKUP, policies=lines)), "{}"):
        work()
    assert Turn.objects.filter(kind="card", state="done").exists()
    participant = interview.participant
    page = make_browser(participant).get(reverse("participant:values_card", args=[participant.study.slug]))
    assert (page.status_code, Page(page).acting) == (200, [])
    card = ValuesCard.objects.get()
    assert (card.confirmed_at, card.model_name) == (None, MODEL)
    assert {found["quote"] for line in card.evidence for found in line} == {QUOTE}


def test_what_acts_on_a_page_is_seen_by_these_tests():
    class Response:
        content = b'<img src=x><a href="https://prize.example">y</a><script>1</script><p onclick="x">z</p><a href="/x">'

    assert len(Page(Response).acting) == 4

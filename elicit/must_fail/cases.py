"""The list of what must be refused. A case returns what got through, or nothing when the site held.

Rule: each case tries one thing, and its name says which.
"""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from elicit import panels
from elicit.interviews import LONGEST_MESSAGE
from elicit.models import Interview, Origin, PanelIdentity, Participant, StudyLink, Turn, ValuesCard
from elicit.must_fail.conversing import RATED_CASES
from elicit.must_fail.probing import WORDS, Case, NotTried, Probe, link_of
from elicit.participants import revoke_link, withdraw
from elicit.simulation.pages import form_with
from elicit.studies import close, open_study, pause
from elicit.study_links import create_study_link

SCRIPT = '<script>alert("card")</script><img src=x onerror=alert(1)>'
FOREIGN_BROWSER = "0" * 64
PANEL_ID, PANEL_STUDY = "5f0000000000000000000001", "5f0000000000000000000002"
REFUSED = range(400, 500)


def answer_without_consent(probe: Probe) -> str:
    """Send an answer before agreeing to anything."""
    visitor = probe.begun()
    visitor.post(visitor.address("interview"), {"question": "night", **visitor.turn(WORDS)})
    return "something was kept before the consent" if visitor.has_anything() else ""


def consent_without_the_needed_box(probe: Probe) -> str:
    """Go on with every box ticked but the one that taking part needs."""
    visitor = probe.begun()
    form = form_with(visitor.page.html, "take_part")
    ticked = {name: offered[:1] for name, offered in form.choices.items() if name != "take_part"}
    visitor.post(visitor.page.path, form.filled(ticked))
    return "somebody took part without agreeing to it" if visitor.has_anything() else ""


def begin_by_looking(probe: Probe) -> str:
    """Open the link and every page by GET alone, as a scanner of links does."""
    visitor = probe.arrived()
    for step in ("consent", "interview", "values-card", "consent"):
        visitor.get(visitor.address(step))
    participant = Participant.objects.get(pk=visitor.participant.pk)
    return "looking began the study" if participant.began_at or visitor.has_anything() else ""


def step_out_of_order(probe: Probe) -> str:
    """Confirm a card that was never drafted."""
    visitor = probe.talking()
    fields = {"revision": "1", "title": "Near", "policy-0": "Silences", "fit": "4", "action": "confirm"}
    visitor.post(visitor.address("values-card"), fields)
    return "a card was kept before its interview" if visitor.participant.values_cards.exists() else ""


def foreign_turn(probe: Probe) -> str:
    """Read another person's stream of words."""
    owner, visitor = probe.talking(), probe.talking()
    interview = Interview.objects.get(participant=owner.participant)
    turn = Turn.objects.create(interview=interview, number=2, created_at=probe.now, state=Turn.State.DONE)
    address = reverse("participant:stream", args=[visitor.slug, turn.pk])
    status = visitor.get(address).status
    return f"somebody else's stream answered {status}" if status not in REFUSED else ""


def foreign_study(probe: Probe) -> str:
    """Use the session of one study in another."""
    visitor, other = probe.talking(), probe.talking(probe.other)
    status = visitor.post(other.address("interview"), visitor.turn(WORDS)).status
    return f"another study answered {status}" if status not in REFUSED or other.messages() else ""


def too_long_text(probe: Probe) -> str:
    """Send more than fits."""
    visitor = probe.talking()
    status = visitor.post(visitor.page.path, visitor.turn("a " * LONGEST_MESSAGE)).status
    return f"too long a text was answered {status}" if visitor.messages() or status not in REFUSED else ""


def empty_text(probe: Probe) -> str:
    """Send nothing but spaces."""
    visitor = probe.talking()
    visitor.post(visitor.page.path, visitor.turn("   "))
    return "an empty answer was kept" if visitor.messages() else ""


def no_csrf_token(probe: Probe) -> str:
    """Send an answer that no page of ours has asked for."""
    visitor = probe.talking()
    status = visitor.post(visitor.page.path, {**visitor.turn(WORDS), "csrfmiddlewaretoken": ""}).status
    return f"a post without a token was answered {status}" if visitor.messages() or status not in REFUSED else ""


def expired_link(probe: Probe) -> str:
    """Come in by a link that has expired."""
    visitor = probe.stranger()
    long_ago = timezone.now() - timedelta(days=2)
    link = link_of(visitor.participant, now=long_ago, expires_at=long_ago + timedelta(days=1))
    status = visitor.get(link).status
    return f"an expired link answered {status}" if status not in REFUSED else ""


def revoked_link(probe: Probe) -> str:
    """Come in by a link that was taken back."""
    visitor = probe.stranger()
    link = link_of(visitor.participant, now=probe.now)
    for each in visitor.participant.links.all():
        revoke_link(each, now=probe.now)
    status = visitor.get(link).status
    return f"a revoked link answered {status}" if status not in REFUSED else ""


def invented_link(probe: Probe) -> str:
    """Come in by a link that nobody made."""
    status = probe.stranger().get("/join/AAAAAAAAAAAAAAAAAAAAAA/").status
    return f"an invented link answered {status}" if status not in REFUSED else ""


def replayed_key(probe: Probe) -> str:
    """Send the same answer again: it is answered as the first was, and kept once."""
    visitor = probe.talking()
    address, fields = visitor.page.path, visitor.turn(WORDS)
    answers = [visitor.post(address, {**fields, "csrfmiddlewaretoken": visitor.token()}).status for _ in range(3)]
    if visitor.messages() != [WORDS]:
        return f"three posts with one key were kept as {len(visitor.messages())} messages"
    return f"the same post was answered {answers}" if len(set(answers)) > 1 else ""


def replayed_key_with_other_words(probe: Probe) -> str:
    """Use a key again to slip in other words."""
    visitor = probe.talking()
    address, fields = visitor.page.path, visitor.turn(WORDS)
    visitor.post(address, fields)
    visitor.post(address, {**fields, "text": "Something else."})
    return "a used key took other words" if "Something else." in visitor.messages() else ""


def foreign_card(probe: Probe) -> str:
    """Confirm somebody else's card, by its number."""
    owner, visitor = probe.with_draft(), probe.with_draft()
    card = owner.card()
    visitor.post(visitor.page.path, probe.card_fields(visitor, card=str(card.pk), id=str(card.pk), title="Taken"))
    now = ValuesCard.objects.get(pk=card.pk)
    return "somebody else's card was changed" if (now.state, now.title) != (card.state, card.title) else ""


def unknown_fit(probe: Probe) -> str:
    """Confirm with an answer that the scale does not have."""
    visitor = probe.with_draft()
    visitor.post(visitor.page.path, probe.card_fields(visitor, fit="9"))
    return "a fit of 9 was taken" if visitor.card().state == ValuesCard.State.CONFIRMED else ""


def change_after_confirming(probe: Probe) -> str:
    """Change a card that its author has confirmed."""
    visitor = probe.with_draft()
    address, fields = visitor.page.path, probe.card_fields(visitor)
    visitor.post(address, fields)
    before = visitor.card()
    visitor.post(address, {**fields, "title": "Another", "revision": str(before.revision), "action": "save"})
    return "a confirmed card was changed" if visitor.card().title != before.title else ""


def talk_more_after_confirming(probe: Probe) -> str:
    """Open the interview of a confirmed card again."""
    visitor = probe.with_draft()
    address, fields = visitor.page.path, probe.card_fields(visitor)
    visitor.post(address, fields)
    revision = str(visitor.card().revision)
    visitor.post(address, {**fields, "action": "back", "fit": "1", "fit_reason": "More.", "revision": revision})
    card = visitor.card()
    is_open = card.interview is not None and card.interview.state != Interview.State.FINISHED
    return "a confirmed card went back to its interview" if is_open or card.fit == 1 else ""


def post_after_finishing(probe: Probe) -> str:
    """Send an answer when everything is done."""
    visitor = probe.finished()
    before = visitor.messages()
    visitor.post(visitor.address("interview"), visitor.turn("One thing more.", answering="3"))
    return "an answer was kept after the end" if visitor.messages() != before else ""


def edit_of_an_earlier_message(probe: Probe) -> str:
    """Change a message that is not the last one."""
    visitor = probe.talking()
    for _ in range(2):
        visitor.press("send", {"text": WORDS})
    visitor.post(visitor.page.path, visitor.turn("Rewritten.", action="edit", message="2"))
    return "an earlier message was changed" if "Rewritten." in visitor.messages() else ""


def edit_of_the_interviewers_words(probe: Probe) -> str:
    """Change what the interviewer asked."""
    visitor = probe.talking()
    visitor.press("send", {"text": WORDS})
    visitor.post(visitor.page.path, visitor.turn("Rewritten.", action="edit", message="3"))
    texts = visitor.participant.interviews.get().messages.values_list("text", flat=True)
    return "the interviewer's words were changed" if "Rewritten." in texts else ""


def foreign_panel_id(probe: Probe) -> str:
    """Come from a panel with the number of somebody who began in another browser."""
    if not settings.PANEL_KEY:
        raise NotTried("PANEL_KEY is not set, so nobody can come from a panel.")
    owner = probe.talking()
    token = create_study_link(probe.study, label="must fail", panel="prolific", now=probe.now)
    visit = panels.Visit("prolific", PANEL_ID, PANEL_STUDY, PANEL_STUDY)
    PanelIdentity.objects.create(
        participant=owner.participant, link=StudyLink.objects.filter(study=probe.study).latest("pk"),
        panel="prolific", lookup=panels.lookup_of(visit, probe.study), sealed=panels.seal(visit).encode(),
        browser=FOREIGN_BROWSER,
    )  # fmt: skip
    visitor = probe.stranger()
    ids = f"PROLIFIC_PID={PANEL_ID}&STUDY_ID={PANEL_STUDY}&SESSION_ID={PANEL_STUDY}"
    status = visitor.get(f"/panel/{token}/?{ids}").status
    inside = visitor.get(visitor.address("interview")).status
    return f"a panel id opened somebody's place ({status}, {inside})" if inside not in REFUSED else ""


def a_number_in_the_address(probe: Probe) -> str:
    """Ask for somebody's data by their number."""
    owner, visitor = probe.talking(), probe.stranger()
    address = f"/study/{owner.slug}/my-data/?participant={owner.participant.pk}&code={owner.participant.code}"
    status = visitor.get(address).status
    return f"my-data answered {status} to a stranger" if status not in REFUSED else ""


def script_in_the_text(probe: Probe) -> str:
    """Write a script into an answer: it comes back as words."""
    visitor = probe.talking()
    visitor.press("send", {"text": f"{SCRIPT} {WORDS}"})
    page = visitor.get(visitor.address("interview")).html
    visitor.press("enough")
    shown = page + visitor.page.html + visitor.get(f"/study/{visitor.slug}/my-data/").html
    return "a script came back alive" if "<script>alert(" in shown or "<img src=x" in shown else ""


def become_a_person(probe: Probe) -> str:
    """Claim, by a field of a form, not to be simulated."""
    visitor = probe.begun()
    visitor.post(visitor.page.path, {"take_part": "on", "origin": "person", "participant": "1", "seed": "0"})
    origin = Participant.objects.get(pk=visitor.participant.pk).origin
    return f"a simulated participant became {origin}" if origin != Origin.SIMULATED else ""


def answer_after_withdrawing(probe: Probe) -> str:
    """Send an answer after having withdrawn."""
    visitor = probe.talking()
    fields = visitor.turn(WORDS)
    withdraw(visitor.participant, now=probe.now)
    visitor.post(visitor.address("interview"), fields)
    return "words were kept of somebody who has withdrawn" if visitor.messages() else ""


def answer_while_paused(probe: Probe) -> str:
    """Send an answer while the study is paused."""
    visitor = probe.talking(probe.other)
    fields = visitor.turn(WORDS)
    pause(probe.other)
    try:
        visitor.post(visitor.address("interview"), fields)
    finally:
        open_study(probe.other)
    return "an answer was kept in a paused study" if visitor.messages() else ""


def answer_after_closing(probe: Probe) -> str:
    """Send an answer to a study that is closed. It comes last: closing is for good."""
    visitor = probe.talking(probe.other)
    fields = visitor.turn(WORDS)
    close(probe.other)
    visitor.post(visitor.address("interview"), fields)
    return "an answer was kept in a closed study" if visitor.messages() else ""


CASES: dict[str, Case] = {
    case.__name__: case
    for case in (
        *RATED_CASES,
        answer_without_consent, consent_without_the_needed_box, begin_by_looking, step_out_of_order, foreign_turn,
        foreign_study, too_long_text, empty_text, no_csrf_token, expired_link, revoked_link, invented_link,
        replayed_key, replayed_key_with_other_words, foreign_card, unknown_fit, change_after_confirming,
        talk_more_after_confirming, post_after_finishing, edit_of_an_earlier_message, edit_of_the_interviewers_words,
        foreign_panel_id, a_number_in_the_address, script_in_the_text, become_a_person, answer_after_withdrawing,
        answer_while_paused, answer_after_closing,
    )
}  # fmt: skip

"""The judgement step: drawn by the server, answered by token, once for each pair, without a hint of what is right."""

import re
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from elicit.models import Interview, Participant, Question, Study
from elicit.steps import open_step
from moralgraph.draws import Draw, draw_judgement, readiness, reopen_judgement, wanted
from moralgraph.judgements import InvalidJudgement, UnknownDraw, answer_judgement, answer_order
from moralgraph.models import CardMembership, Context, Judgement, JudgementRevision, Upgrade
from tests.make import NOW, make_browser, make_confirmed_card, make_consenting_participant, make_study

pytestmark = pytest.mark.django_db

KEYS = ("a", "b", "c", "d")
CARD = """\
  - key: {key}
    title: Card {key}
    description: I look for {key}.
    policies: [Signs of {key} in the person, Moments when {key} is there, Words that make room for {key}]
"""
UPGRADES = (("a", "b", "tired"), ("a", "c", "tired"), ("b", "c", "other"), ("c", "d", "other"))
HOSTILE = "<img src=x onerror=alert(1)>"


def more(count: int = 3, *, upgrades: tuple[tuple[str, str, str], ...] = UPGRADES, stories: str = "") -> str:
    lines = [f"judgements: {{count: {count}}}\n", "seed_cards:\n", *[CARD.format(key=key) for key in KEYS]]
    lines += ["upgrades:\n"] if upgrades else []
    lines += [f"  - {{first: {a}, second: {b}, context: {context}{stories}}}\n" for a, b, context in upgrades]
    return "".join(lines)


def study_with(text: str) -> Study:
    return make_study(
        steps="consent, judgements", more="  - {key: other, text: When it is late, questions: [choice]}\n" + text
    )


def person_in(study: Study, *, seed: int = 1) -> Participant:
    participant = make_consenting_participant(study)
    participant.seed = seed
    participant.save(update_fields=["seed"])
    return participant


@pytest.fixture
def participant() -> Participant:
    return person_in(study_with(more()))


def drawn(participant: Participant) -> Draw:
    draw = draw_judgement(participant, now=NOW)
    assert draw is not None
    return draw


def answer(participant: Participant, draw: Draw, given: str = "wiser", **more: str) -> Judgement:
    return answer_judgement(participant, draw.token, given, now=NOW, **more)


def test_a_draw_is_stored_with_its_probability_before_it_is_answered(participant: Participant) -> None:
    judgement = drawn(participant).judgement
    assert judgement.answer == "" and judgement.seen_at == NOW
    assert 0 < judgement.selection_probability <= 1
    assert (judgement.lower, judgement.upper) == tuple(sorted((judgement.first_id, judgement.second_id)))


def test_a_reload_keeps_the_draw_and_its_token(participant: Participant) -> None:
    first, second = drawn(participant), drawn(participant)
    assert first == second
    assert Judgement.objects.count() == 1


def test_the_same_seed_draws_the_same(participant: Participant) -> None:
    def draws(slug_seed: int) -> tuple[Any, ...]:
        judgement = drawn(person_in(study_with(more()), seed=slug_seed)).judgement
        return judgement.first.title, judgement.second.title, judgement.context.key, judgement.story_arm

    assert draws(7) == draws(7)
    assert len({draws(seed) for seed in range(4)}) > 1


def test_both_directions_are_drawn(participant: Participant) -> None:
    one_pair = study_with(more(upgrades=(("a", "b", "tired"),)))
    shown = Counter(drawn(person_in(one_pair, seed=seed)).judgement.first.title for seed in range(12))
    assert set(shown) == {"Card a", "Card b"}
    assert abs(shown["Card a"] - shown["Card b"]) <= 4


def test_the_only_pair_is_drawn_with_probabilities_that_sum_to_1() -> None:
    study = study_with(more(upgrades=(("a", "b", "tired"),)))
    assert drawn(person_in(study)).judgement.selection_probability == pytest.approx(0.5)


def test_no_pair_comes_twice(participant: Participant) -> None:
    pairs = set()
    for _ in range(3):
        draw = drawn(participant)
        pairs.add((draw.judgement.lower, draw.judgement.upper))
        answer(participant, draw)
    assert len(pairs) == 3


def test_a_person_is_not_asked_about_their_own_card() -> None:
    study = study_with(more(count=4))
    participant = person_in(study)
    canonical = study.canonical_cards.get(title="Card c")
    CardMembership.objects.create(card=make_confirmed_card(participant), canonical=canonical, decision="similar")
    assert wanted(participant) == 1
    assert {drawn(participant).judgement.first.title, drawn(participant).judgement.second.title} == {"Card a", "Card b"}


def test_contexts_of_the_persons_own_question_come_first() -> None:
    study = study_with(more())
    for seed in range(6):
        participant = person_in(study, seed=seed)
        Interview.objects.create(participant=participant, question=Question.objects.get(study=study, key="night"))
        assert drawn(participant).judgement.context.key == "tired"


def test_other_contexts_follow_when_the_persons_own_are_used_up() -> None:
    study = study_with(more())
    participant = person_in(study)
    Interview.objects.create(participant=participant, question=Question.objects.get(study=study, key="night"))
    for _ in range(2):
        answer(participant, drawn(participant))
    assert wanted(participant) == 3
    assert drawn(participant).judgement.context.key == "other"


def test_the_same_answer_again_changes_nothing(participant: Participant) -> None:
    draw = drawn(participant)
    for _ in range(3):
        answer(participant, draw, why="It goes deeper.")
    assert Judgement.objects.count() == 1 and not JudgementRevision.objects.exists()


def changed(participant: Participant, given: str, *, number: int = 1) -> tuple[Draw, Judgement]:
    draw = reopen_judgement(participant, number)
    assert draw is not None
    return draw, answer(participant, draw, given)


def test_a_changed_answer_keeps_the_earlier_one(participant: Participant) -> None:
    answer(participant, drawn(participant), "wiser", why="At first.")
    _draw, judgement = changed(participant, "about_equal")
    assert judgement.answer == "about_equal"
    assert JudgementRevision.objects.values_list("answer", "why").get() == ("wiser", "At first.")


def test_a_token_that_has_answered_changes_nothing_whatever_is_sent_with_it(participant: Participant) -> None:
    draw = drawn(participant)
    answer(participant, draw, "wiser")
    assert answer(participant, draw, "less_wise").answer == "wiser"
    assert answer(participant, draw, "nonsense").answer == "wiser"
    assert not JudgementRevision.objects.exists()


def test_an_older_token_changes_nothing_after_a_change(participant: Participant) -> None:
    first = drawn(participant)
    answer(participant, first, "wiser")
    second, _judgement = changed(participant, "less_wise")
    changed(participant, "both_needed")
    for older in (first, second):
        assert answer(participant, older, "wiser").answer == "both_needed"
    assert JudgementRevision.objects.count() == 2


def test_a_change_issues_a_new_token_and_a_reload_of_its_page_the_same(participant: Participant) -> None:
    draw = drawn(participant)
    answer(participant, draw)
    again = reopen_judgement(participant, 1)
    assert again == reopen_judgement(participant, 1)
    assert again.token != draw.token


def test_the_same_answer_on_the_page_of_changes_uses_its_token_up_without_a_history(participant: Participant) -> None:
    draw = drawn(participant)
    answer(participant, draw, "wiser")
    again, _judgement = changed(participant, "wiser")
    assert answer(participant, again, "less_wise").answer == "wiser"
    assert answer(participant, draw, "less_wise").answer == "wiser"
    assert not JudgementRevision.objects.exists()


def test_only_the_six_answers_are_taken(participant: Participant) -> None:
    draw = drawn(participant)
    for wrong in ("", "yes", "WISER"):
        with pytest.raises(InvalidJudgement):
            answer(participant, draw, wrong)


def test_a_reason_is_kept_only_by_who_cannot_judge(participant: Participant) -> None:
    draw = drawn(participant)
    assert answer(participant, draw, "wiser", reason="same").reason == ""
    assert answer(participant, drawn(participant), "cannot_judge", reason="same").reason == "same"


def test_a_forged_token_is_unknown(participant: Participant) -> None:
    drawn(participant)
    for forged in ("", "0" * 64):
        with pytest.raises(UnknownDraw):
            answer_judgement(participant, forged, "wiser", now=NOW)


def test_a_token_works_for_its_own_person_alone(participant: Participant) -> None:
    other = person_in(participant.study, seed=2)
    token = drawn(participant).token
    with pytest.raises(UnknownDraw):
        answer_judgement(other, token, "wiser", now=NOW)


def test_the_token_is_not_stored(participant: Participant) -> None:
    draw = drawn(participant)
    assert draw.token not in str(Judgement.objects.values())


def test_the_step_is_done_after_as_many_as_the_study_wants(participant: Participant) -> None:
    for _ in range(3):
        assert not participant.steps.filter(key="judgements", state="done").exists()
        answer(participant, drawn(participant))
    assert participant.steps.get(key="judgements").state == "done"
    assert draw_judgement(participant, now=NOW) is None


def test_with_fewer_pairs_than_wanted_the_step_ends_early() -> None:
    participant = person_in(study_with(more(count=9)))
    assert wanted(participant) == 4
    for _ in range(4):
        answer(participant, drawn(participant))
    assert participant.steps.get(key="judgements").state == "done"


def test_without_any_pair_the_step_waits() -> None:
    participant = person_in(study_with(more(upgrades=())))
    assert readiness(participant).state == "waiting"
    assert open_step(participant, "judgements")[1].state == "waiting"
    assert "come back" in readiness(participant).sentence


def test_withdrawn_cards_are_not_drawn(participant: Participant) -> None:
    participant.study.canonical_cards.filter(title__in=["Card a", "Card c"]).update(policies=[])
    assert readiness(participant).state == "waiting"


def test_the_order_of_the_scale_is_counterbalanced() -> None:
    even, odd = Participant(seed=2), Participant(seed=3)
    assert answer_order(even)[:3] == answer_order(odd)[:3][::-1]
    assert answer_order(even)[3:] == answer_order(odd)[3:]


@pytest.fixture
def client(participant: Participant) -> Client:
    return make_browser(participant)


def url(participant: Participant, page: str = "") -> str:
    return f"/study/{participant.study.slug}/judgements/{page}"


def test_nothing_is_preselected_and_no_id_is_on_the_page(participant: Participant, client: Client) -> None:
    page = client.get(url(participant)).content.decode()
    judgement = Judgement.objects.get()
    assert "checked" not in page and page.count('name="answer"') == 6
    assert str(judgement.upgrade) not in page and judgement.first.content_id not in page
    assert "1 of 3" in page


def test_the_cards_look_the_same(participant: Participant, client: Client) -> None:
    page = client.get(url(participant)).content.decode()
    first, second = (part.split(">")[0] for part in page.split("<article ")[1:3])
    assert first == second


def test_the_question_and_the_letters_follow_the_side(participant: Participant, client: Client) -> None:
    judgement = drawn(participant).judgement
    for side, compared, asked in (("start", "A", "B"), ("end", "B", "A")):
        Judgement.objects.filter(pk=judgement.pk).update(first_side=side)
        page = client.get(url(participant)).content.decode()
        titles = {"A": judgement.first.title, "B": judgement.second.title}
        titles = titles if side == "start" else {"A": judgement.second.title, "B": judgement.first.title}
        assert page.index(titles["A"]) < page.index(titles["B"])
        assert f"Compared with {compared}, is attending to {asked}" in page


def test_hostile_words_are_inert(participant: Participant, client: Client) -> None:
    participant.study.canonical_cards.update(description=HOSTILE)
    Upgrade.objects.update(story_forward=HOSTILE, story_reverse=HOSTILE)
    Context.objects.update(text={"en": HOSTILE})
    page = client.get(url(participant)).content.decode()
    assert "<img" not in page and "&lt;img" in page


def test_an_answer_leads_to_the_next_pair_and_back_to_the_first(participant: Participant, client: Client) -> None:
    token = drawn(participant).token
    client.post(url(participant), {"token": token, "answer": "wiser", "why": HOSTILE})
    assert "2 of 3" in client.get(url(participant)).content.decode()
    page = client.get(url(participant, "1/")).content.decode()
    assert " checked" in page and "&lt;img" in page and "<img" not in page
    [token] = re.findall(r'name="token" value="(\w+)"', page)
    client.post(url(participant, "1/"), {"token": token, "answer": "less_wise"})
    assert Judgement.objects.get(number=1).answer == "less_wise" and JudgementRevision.objects.count() == 1


def test_a_page_without_an_answer_says_so_and_keeps_the_words(participant: Participant, client: Client) -> None:
    answer = client.post(url(participant), {"token": drawn(participant).token, "why": "Still thinking"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "Still thinking" in page and "Please choose one of the six answers." in page


def test_a_forged_token_and_another_persons_store_nothing(participant: Participant, client: Client) -> None:
    other = make_browser(person_in(participant.study, seed=2))
    token = drawn(participant).token
    for browser, sent in ((client, "0" * 64), (other, token)):
        page = browser.post(url(participant), {"token": sent, "answer": "wiser"})
        assert page.status_code == 409 and "no longer there" in page.content.decode()
        assert " checked" not in page.content.decode()
    assert not Judgement.objects.exclude(answer="").exists()


def test_an_answer_is_kept_although_its_upgrade_was_retired_meanwhile(participant: Participant, client: Client) -> None:
    token = drawn(participant).token
    Upgrade.objects.update(is_retired=True)
    client.post(url(participant), {"token": token, "answer": "wiser"})
    assert Judgement.objects.get().answer == "wiser"


def test_an_earlier_pair_that_was_never_drawn_leads_to_the_present_one(
    participant: Participant, client: Client
) -> None:
    assert client.get(url(participant, "2/")).status_code == 302
    assert reopen_judgement(participant, 2) is None


def at_once(act: Callable[[], Any], times: int) -> None:
    """Run `act` in parallel threads; what one of them raises is raised here."""
    ready = threading.Barrier(times)

    def run() -> None:
        try:
            ready.wait()
            act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        for done in [pool.submit(run) for _ in range(times)]:
            done.result()


@pytest.mark.django_db(transaction=True)
def test_twenty_posts_at_once_give_one_row() -> None:
    participant = person_in(study_with(more()))
    client, draw = make_browser(participant), drawn(participant)
    cookies = client.cookies
    answers = iter(Judgement.Answer.values * 4)

    def post() -> None:
        own = Client()
        own.cookies = cookies.copy()
        sent = {"token": draw.token, "answer": next(answers), "why": "Because."}
        assert own.post(url(participant), sent).status_code == 302

    at_once(post, 20)
    assert Judgement.objects.filter(participant=participant).exclude(answer="").count() == 1
    assert not JudgementRevision.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_pages_opened_at_once_show_one_draw() -> None:
    participant = person_in(study_with(more()))
    at_once(lambda: draw_judgement(participant, now=NOW), 20)
    assert Judgement.objects.filter(participant=participant).count() == 1

"""The page of contexts and upgrades: what waits, what is asked, and every decision about it, without JavaScript."""

import pytest
from django.test import Client
from django.urls import reverse

from moralgraph.models import Context, Suggestion, Upgrade
from moralgraph.suggestions import SuggestedValue, suggest
from tests.make import NOW, make_consenting_participant, make_member
from tests.moralgraph.test_judgements import HOSTILE, answer, drawn, more, study_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    study = study_with(more())
    signed_in = Client()
    signed_in.force_login(make_member(study=study), backend="django.contrib.auth.backends.ModelBackend")
    signed_in.study = study  # type: ignore[attr-defined]
    return signed_in


def url(client: Client, page: str = "contexts/") -> str:
    return reverse("moralgraph:contexts", args=[client.study.slug]).replace("contexts/", page)  # type: ignore[attr-defined]


def send(client: Client, page: str, **given: object) -> str:
    return client.post(url(client, page), given, follow=True).content.decode()


def suggested(client: Client) -> Suggestion:
    person = make_consenting_participant(client.study, explore=True)  # type: ignore[attr-defined]
    judgement = answer(person, drawn(person))
    value = SuggestedValue(HOSTILE, ["Signs of it", "Moments of it", HOSTILE])
    return suggest(judgement, above=judgement.first, value=value, why=HOSTILE, now=NOW)


def test_it_lists_contexts_pairs_and_suggestions_and_whatever_was_written_is_inert(client: Client) -> None:
    suggested(client)
    Upgrade.objects.update(story_forward=HOSTILE)
    Context.objects.filter(key="tired").update(text={"en": HOSTILE})
    page = client.get(url(client)).content.decode()
    assert "<img" not in page and page.count("&lt;img") > 5 and "Card a" in page


def test_a_context_is_added_used_reworded_merged_and_retired(client: Client) -> None:
    assert "Saved." in send(client, "contexts/add/", text_en="When money is short")
    context = Context.objects.get(key="money_is_short")
    assert (context.state, context.source) == ("active", "organizer")
    for sent in ({"action": "reword", "text_en": "When money lacks"}, {"action": "retire"}, {"action": "use"},
                 {"action": "merge", "into": Context.objects.get(key="tired").pk}):  # fmt: skip
        assert "Saved." in send(client, "contexts/change/", number=context.pk, **sent)
    context.refresh_from_db()
    assert (str(context), context.merged_into.key, context.state) == ("When money lacks", "tired", "retired")


def test_what_cannot_be_done_is_said(client: Client) -> None:
    context = Context.objects.get(key="tired")
    assert "itself" in send(client, "contexts/change/", number=context.pk, action="merge", into=99999)
    assert "no such context" in send(client, "contexts/change/", number=99999, action="use")
    assert "no such upgrade" in send(client, "upgrades/change/", number=99999, action="use")
    assert "already" in send(client, "contexts/add/", text_en="When someone is tired")


def test_a_pair_is_added_retired_and_given_stories(client: Client) -> None:
    cards = {card.title: card.pk for card in client.study.canonical_cards.all()}  # type: ignore[attr-defined]
    tired = Context.objects.get(key="tired")
    send(client, "upgrades/add/", context=tired.pk, first=cards["Card b"], second=cards["Card d"], shown="tired")
    added = Upgrade.objects.get(source="organizer")
    send(client, "upgrades/change/", number=added.pk, action="reword", forward="There.", reverse="Back.")
    page = send(client, "upgrades/change/", number=added.pk, action="retire", shown="tired")
    added.refresh_from_db()
    assert added.is_retired and added.story_reverse == "Back." and "Retired" in page


def test_rows_of_another_study_are_not_there(client: Client) -> None:
    other = Context.objects.of_study(study_with(more())).first()
    assert "no such context" in send(client, "contexts/change/", number=other.pk, action="retire")
    other.refresh_from_db()
    assert other.state == "active"


def test_a_suggestion_is_taken_up_or_left_aside(client: Client) -> None:
    send(client, "suggestions/decide/", number=suggested(client).pk, decision="accept")
    taken = Suggestion.objects.get()
    assert taken.state == "accepted" and taken.decided_by is not None and taken.upgrade is not None
    send(client, "suggestions/decide/", number=suggested(client).pk, decision="decline")
    assert Suggestion.objects.filter(state="declined").count() == 1


def test_the_page_asks_as_often_for_many_rows_as_for_few(client: Client, django_assert_max_num_queries) -> None:
    for number in range(12):
        send(client, "contexts/add/", text_en=f"When it is matter {number} of {number * 7}")
    with django_assert_max_num_queries(30):
        client.get(url(client))

"""Who may open what: every endpoint of the site against every kind of visitor.

Generated from the URLconf. An endpoint without an expectation fails, so that a new page cannot be forgotten.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from elicit.models import Participant
from elicit.participants import create_link
from tests.make import NOW, make_browser, make_confirmed_card, make_member, make_participant, make_study

ROLES = ("organizer", "analyst", "observer", "engineer")
VISITORS = ("anonymous", "other_participant", "own_participant", "stranger", *ROLES)

ANYBODY = frozenset(VISITORS)
SIGNED_IN = frozenset({"stranger", *ROLES})
MEMBERS = frozenset(ROLES)
OWN = frozenset({"own_participant"})
MAY_TRAIN = frozenset({"organizer", "engineer"})
LISTS_PEOPLE = frozenset({"organizer", "analyst", "observer"})
READS_WORDS = frozenset({"organizer", "analyst"})

EXPECTED: dict[str, frozenset[str]] = {
    "home": ANYBODY,
    "health": ANYBODY,
    "login": ANYBODY,
    "logout": ANYBODY,
    "style_guide": ANYBODY,
    "organizer:studies": SIGNED_IN,
    "organizer:study": MEMBERS,
    "organizer:study_progress": MEMBERS,
    "organizer:change_state": frozenset({"organizer"}),
    "organizer:retry_work": frozenset({"organizer"}),
    "organizer:preview": frozenset({"organizer"}),
    "organizer:participants": LISTS_PEOPLE,
    "organizer:participant": LISTS_PEOPLE,
    "organizer:transcript": READS_WORDS,
    "organizer:exclude": frozenset({"organizer"}),
    "organizer:include": frozenset({"organizer"}),
    "organizer:renew_link": frozenset({"organizer"}),
    "organizer:links": frozenset({"organizer"}),
    "organizer:new_links": frozenset({"organizer"}),
    "organizer:links_file": frozenset({"organizer"}),
    "organizer:new_study_link": frozenset({"organizer"}),
    "organizer:revoke_link": frozenset({"organizer"}),
    "organizer:cards": READS_WORDS,
    "organizer:decide_card": frozenset({"organizer"}),
    "organizer:design": MEMBERS,
    "organizer:design_changes": MEMBERS,
    "organizer:design_file": MEMBERS,
    "organizer:results": LISTS_PEOPLE,
    "organizer:model_results": LISTS_PEOPLE,
    "organizer:group_results": LISTS_PEOPLE,
    "organizer:quality": READS_WORDS,
    "organizer:missing": LISTS_PEOPLE,
    "organizer:pay": LISTS_PEOPLE,
    "organizer:money": READS_WORDS,
    "organizer:ledger_file": READS_WORDS,
    "organizer:data": MEMBERS,
    "organizer:download": MEMBERS,
    "moralgraph:contexts": READS_WORDS,
    "moralgraph:add_context": frozenset({"organizer"}),
    "moralgraph:change_context": frozenset({"organizer"}),
    "moralgraph:propose": frozenset({"organizer"}),
    "moralgraph:add_upgrade": frozenset({"organizer"}),
    "moralgraph:change_upgrade": frozenset({"organizer"}),
    "moralgraph:decide_suggestion": frozenset({"organizer"}),
    "moralgraph:graph": MEMBERS,
    "moralgraph:map": MEMBERS,
    "moralgraph:sure": MEMBERS,
    "moralgraph:compare": MEMBERS,
    "moralgraph:build": frozenset({"organizer", "analyst"}),
    "moralgraph:download": MEMBERS,
    "moralgraph:reports": LISTS_PEOPLE,
    "moralgraph:draft_report": frozenset({"organizer"}),
    "moralgraph:appeals": READS_WORDS,
    "moralgraph:answer_appeal": frozenset({"organizer"}),
    "moralgraph:report_preview": LISTS_PEOPLE,
    "moralgraph:publish_report": frozenset({"organizer"}),
    "moralgraph:withdraw_report": frozenset({"organizer"}),
    "moralgraph:discard_report": frozenset({"organizer"}),
    "reports:newest": ANYBODY,
    "reports:report": ANYBODY,
    "reports:file": ANYBODY,
    "reports:figure": ANYBODY,
    "moralgraph:values": READS_WORDS,
    "moralgraph:value": READS_WORDS,
    "moralgraph:versions": READS_WORDS,
    "moralgraph:restore": frozenset({"organizer"}),
    "moralgraph:reconcile": frozenset({"organizer"}),
    "moralgraph:correct": frozenset({"organizer"}),
    "moralgraph:undo": frozenset({"organizer"}),
    "training:overview": MEMBERS,
    "training:freeze": frozenset({"organizer"}),
    "training:target_file": MEMBERS,
    "training:build_dataset": MAY_TRAIN,
    "training:dataset": MEMBERS,
    "training:start_run": MAY_TRAIN,
    "training:run": MEMBERS,
    "training:run_progress": MEMBERS,
    "training:cancel_run": MAY_TRAIN,
    "training:model_card": MEMBERS,
}
PARTICIPANT_NAMESPACES = ("participant:", "steps:", "judging:", "feedback:")
EXPECTED_OF_PARTICIPANTS = {
    "participant:join": ANYBODY,
    "participant:study_link": ANYBODY,
    "participant:panel": ANYBODY,
    "participant:left": ANYBODY,
    "participant:withdrawn": ANYBODY,
}
ARGUMENTS = {
    "slug": "access",
    "number": 1,
    "version": 1,
    "token": "no-such-token",
    "form": "json",
    "code": "somebody",
    "turn": 1,
    "name": "legitimacy",
}


def endpoints(patterns: list[Any], namespace: str = "", given: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    """Yield every named endpoint with the names of its arguments."""
    for pattern in patterns:
        arguments = (*given, *pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from endpoints(pattern.url_patterns, inner, arguments)
        elif isinstance(pattern, URLPattern):
            assert pattern.name, f"{pattern.pattern} has no name"
            yield f"{namespace}{pattern.name}", set(arguments)


ENDPOINTS = dict(endpoints(get_resolver().url_patterns))


def allowed(name: str) -> frozenset[str]:
    if name.startswith(PARTICIPANT_NAMESPACES):
        return EXPECTED_OF_PARTICIPANTS.get(name, OWN)
    return EXPECTED[name]


def address(name: str) -> str:
    return reverse(name, kwargs={key: ARGUMENTS[key] for key in ENDPOINTS[name]})


@pytest.fixture
def visitors(db: None) -> dict[str, Client]:
    study = make_study(slug="access")
    found = {role: Client() for role in ROLES}
    for role, client in found.items():
        client.force_login(make_member(study=study, role=role), backend="django.contrib.auth.backends.ModelBackend")
    stranger, other = make_member(study=make_study(slug="elsewhere")), make_participant(make_study(slug="another"))
    found["stranger"] = Client()
    found["stranger"].force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    Participant.objects.filter(pk=make_participant(study).pk).update(code=ARGUMENTS["code"])
    return {
        **found,
        "anonymous": Client(),
        "other_participant": make_browser(other),
        "own_participant": make_browser(make_participant(study)),
    }


def answers(client: Client, method: str, path: str) -> bool:
    """Whether the visitor gets further than "log in" or "not found"."""
    response = getattr(client, method)(path)
    if response.status_code == 302 and response["Location"].startswith("/login/"):
        return False
    return response.status_code not in {403, 404, 405}


def test_every_endpoint_has_an_expectation():
    unknown = [n for n in ENDPOINTS if not n.startswith(PARTICIPANT_NAMESPACES) and n not in EXPECTED]
    assert unknown == []
    assert set(EXPECTED) <= set(ENDPOINTS)


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
def test_only_those_who_may_get_an_answer(name: str, visitors: dict[str, Client], settings: Any):
    path = address(name)
    for visitor, client in visitors.items():
        reached = answers(client, "get", path) or answers(client, "post", path)
        if visitor not in allowed(name):
            assert not reached, f"{visitor} reached {path}"


@pytest.mark.parametrize("name", sorted(n for n in ENDPOINTS if n.startswith("organizer:")))
def test_those_who_may_do_get_an_answer(name: str, visitors: dict[str, Client]):
    path = address(name)
    for visitor in allowed(name):
        client = visitors[visitor]
        assert answers(client, "get", path) or answers(client, "post", path), f"{visitor} cannot reach {path}"


def test_a_participant_id_from_the_browser_opens_nothing(visitors: dict[str, Client]):
    card = make_confirmed_card(make_participant(make_study(slug="third")), title="Nobody else's")
    response = visitors["other_participant"].get(f"/study/third/?participant={card.participant_id}")
    assert response.status_code == 404


def test_a_personal_link_opens_only_its_own_study(db: None):
    mine, other = make_study(slug="mine"), make_study(slug="other")
    client = Client()
    client.get(f"/join/{create_link(make_participant(mine), now=NOW)}/")
    assert client.get("/study/mine/").status_code in {200, 302}
    assert client.get(f"/study/{other.slug}/").status_code == 404

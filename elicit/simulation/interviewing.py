"""How a simulated person goes through the interview and the card: every button of those two pages, and their waits.

Rule: what is pressed is what the page offers; a question that is still being written is waited for as a person would.
Pure: no Django.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from elicit.simulation.acting import Act, Asked, CardAnswer, CardShown
from elicit.simulation.behaviour import CardWords
from elicit.simulation.pages import (
    FieldNotOffered,
    PageForm,
    form_offering,
    form_with,
    forms_of,
    offers_of,
    text_of,
    texts_of,
)

if TYPE_CHECKING:
    from elicit.simulation.browsing import Page
    from elicit.simulation.walking import Walk

ANSWERS_BEFORE_THE_OTHER_DEVICE = 2
LOOKS_BEFORE_GOING_ON = 60  # at a question that is still being written
ACTIONS = frozenset({"send", "skip", "decline", "differently", "edit", "enough"})


def interview(walk: Walk, page: Page) -> Page:
    """Choose the situation, then do one thing about the question on the page."""
    choosing = next((form for form in forms_of(page.html) if "question" in form.choices), None)
    if choosing is not None:
        walk.question = _situation(walk, choosing)
        return walk.send(page, choosing, {"question": walk.question})
    offers = offers_of(page.html)
    if "send" not in offers or {"continue", "retry"} & offers:
        return _wait(walk, page, offers)
    if walk.leaves_this_device():
        return walk.change_device()
    asked = Asked(
        text=(texts_of(page.html, "message-body") or [""])[-1],
        stage=text_of(page.html, "data-stage"),
        offers=offers & ACTIONS,
        acts=tuple(walk.acts),
        question=walk.question,
    )
    return _do(walk, page, walk.mind.answer(asked))


def _situation(walk: Walk, form: PageForm) -> str:
    """Return the situation to talk about: the persona's own, or the first that is left."""
    offered = form.choices["question"]
    wanted = walk.persona.question
    return wanted if wanted in offered else offered[0]


def _do(walk: Walk, page: Page, act: Act) -> Page:
    form = form_offering(page.html, act.action)
    if form is None:
        raise FieldNotOffered(f"The page does not offer to {act.action}.")
    walk.acts.append(act)
    return walk.send(page, form, {"text": act.text} if act.text else {}, button=act.action)


def _wait(walk: Walk, page: Page, offers: frozenset[str]) -> Page:
    """Look again later; try an interrupted question once more; in the end go on without it."""
    way = "retry" if "retry" in offers and not walk.has_retried else ""
    if not way and "continue" in offers and ("retry" in offers or walk.waits >= LOOKS_BEFORE_GOING_ON):
        way = "continue"
    form = form_offering(page.html, way) if way else None
    if form is None:
        return walk.wait_at(page)
    walk.has_retried, walk.waits = way == "retry", 0
    return walk.send(page, form, {}, button=way)


def values_card(walk: Walk, page: Page) -> Page:
    """Edit the draft as this person would, say how well it says it, and confirm it."""
    offers = offers_of(page.html)
    if "another" in offers:
        return _after_confirming(walk, page)
    if "confirm" not in offers:
        return _wait(walk, page, offers)
    form = form_with(page.html, "title")
    fields = [name for name in form.values if name.startswith("policy-")]
    if walk.card is None:
        walk.card = walk.mind.revise(CardShown(_shown(form, fields), walk.cards_shown, walk.question))
        walk.cards_shown += 1
    card = walk.card
    lines = [*card.card.policies, *[""] * len(fields)][: len(fields)]
    answers: dict[str, str | list[str]] = {**dict(zip(fields, lines, strict=True)), "title": card.card.title}
    if len(card.card.policies) > len(fields):
        return walk.send(page, form, answers, button="save")
    return _answer_fit(walk, page, form, answers, card)


def _shown(form: PageForm, fields: list[str]) -> CardWords:
    policies = tuple(form.values[name][0] for name in fields if form.values[name][0])
    return CardWords(form.values["title"][0], form.values["description"][0], policies)


def _answer_fit(walk: Walk, page: Page, form: PageForm, answers: dict[str, str | list[str]], card: CardAnswer) -> Page:
    walk.card = None
    sent = {**answers, "fit": str(card.fit)}
    if card.reason and "fit_reason" in form.values:
        sent["fit_reason"] = card.reason
    if card.goes_back and ("action", "back") in form.buttons:
        return walk.send(page, form, sent, button="back")
    came = walk.send(page, form, sent, button="confirm")
    if any("fit_reason" in each.values and "title" in each.values for each in forms_of(came.html)):
        walk.card = CardAnswer(card.card, card.fit, reason=card.reason or "It is near, and not all of it.")
    return came


def _after_confirming(walk: Walk, page: Page) -> Page:
    """Talk about another situation once where that is this person's wish; otherwise go on."""
    if walk.persona.another and not walk.has_talked_again:
        walk.has_talked_again = True
        walk.acts.clear()
        return _press(walk, page, "another")
    return _press(walk, page, "go_on")


def _press(walk: Walk, page: Page, action: str) -> Page:
    form = form_offering(page.html, action)
    if form is None:
        raise FieldNotOffered(f"The page does not offer to {action}.")
    return walk.send(page, form, {}, button=action)

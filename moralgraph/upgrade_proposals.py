"""Upgrades that a model proposes as cards arrive, beside those by nearness.

Rule: a proposal counts only when every id in it is one that was asked about and every policy of the first card is met.
A model is asked only where the server names models for "proposals" itself, and whatever it says, people judge.
"""

from collections.abc import Collection, Sequence
from typing import Annotated, Any, Literal

from django.conf import settings
from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field

from elicit import guided, wording
from elicit.interviewing import language_name
from elicit.jobs import JobProgress, enqueue
from elicit.llm.configuration import models_for
from elicit.llm.gateway import CallContext, Told, complete_with_source
from elicit.llm.prompts import Ours
from elicit.models import Origin, Study, ValuesCard
from elicit.releases import HOLDING
from moralgraph.consented import left_out_cards
from moralgraph.models import CanonicalValuesCard, CardMembership, Context, Upgrade
from moralgraph.suggestions import SuggestedValue
from moralgraph.upgrades import LONGEST_STORY, Details, contexts_for, nearest_to, pair_in, propose
from moralgraph.withholding import withheld_cards

JOB = PROMPT = "propose_upgrades"
PURPOSE = "proposals"
MOST_OTHERS = 5  # cards that a new one is compared with in one call
MOST_PROPOSALS = 4
TAKEN_GRADES = frozenset("ABC")  # below that, a model itself expects most people to disagree
STORY_BALANCE = 1.25  # the longer of two stories has at most a quarter more words than the other


class MetPolicy(BaseModel):
    """How one line of the first card is met in the second; lines are counted from 1."""

    model_config = ConfigDict(extra="forbid")

    policy: int
    strategy: Literal["saw_part", "mixed_motive", "more_skilful"]
    met_by: Annotated[list[int], Field(min_length=1, max_length=12)]


class ProposedUpgrade(BaseModel):
    """One upgrade as a model proposes it; cards are counted from 1. `about` is asked for and not kept."""

    model_config = ConfigDict(extra="forbid")

    first: int
    second: int
    about: Annotated[str, Field(max_length=600)]
    mapping: Annotated[list[MetPolicy], Field(max_length=12)]
    likelihood: Literal["A", "B", "C", "D", "E", "F"]
    story_forward: Annotated[str, Field(max_length=2 * LONGEST_STORY)] = ""
    story_reverse: Annotated[str, Field(max_length=2 * LONGEST_STORY)] = ""


class ProposedUpgrades(BaseModel):
    """What a model proposes for one new card in one context."""

    model_config = ConfigDict(extra="forbid")

    upgrades: Annotated[list[ProposedUpgrade], Field(max_length=MOST_PROPOSALS)]


def is_wanted() -> bool:
    """Say whether models are named for this purpose; those of the interview do not stand in for them."""
    return bool(settings.LLM_PURPOSES.get(PURPOSE))


def ask_about_card(card: ValuesCard) -> None:
    """Have upgrades proposed for the canonical card of one that was just confirmed and joined the others."""
    membership = CardMembership.objects.filter(card=card).select_related("canonical").first()
    if membership is not None:
        ask_about(membership.canonical, contexts_for(card.study, card.question))


def ask_about(card: CanonicalValuesCard, contexts: Collection[Context]) -> None:
    """Have upgrades proposed for a card, once in each context. Previews are shown to no model."""
    if not is_wanted() or card.origin == Origin.PREVIEW:
        return
    for context in contexts:
        payload = {"card": card.pk, "context": context.pk}
        enqueue(JOB, key=f"{JOB}:{card.pk}:{context.pk}", study=card.study, payload=payload)


def ask_about_all(study: Study) -> int:
    """Have upgrades proposed for every card that was not asked about yet; return how many cards there are."""
    cards = list(_askable(study))
    for card in cards:
        member = card.memberships.select_related("card__question").order_by("pk").first()
        ask_about(card, contexts_for(study, member.card.question if member else None))
    return len(cards)


def propose_by_model(progress: JobProgress) -> None:
    """Ask a model about one card in one context, and keep what holds of its answer."""
    card = CanonicalValuesCard.objects.select_related("study").filter(pk=progress.payload["card"]).first()
    context = Context.objects.active().filter(pk=progress.payload["context"], merged_into=None).first()
    if card is None or context is None or not is_wanted() or not _askable(card.study).filter(pk=card.pk).exists():
        return
    cards = [card, *nearest_to(card, context=context, count=MOST_OTHERS)]
    if len(cards) < 2:
        return
    variables = {
        "language": Ours(language_name(card.language)),
        "context": context.text.get(card.language) or str(context),
        "cards": [{"title": each.title, "policies": list(each.policies)} for each in cards],
    }
    call = CallContext(card.study, PURPOSE, seed=f"{JOB}:{card.pk}:{context.pk}")
    told = complete_with_source(
        PROMPT, variables, reply=ProposedUpgrades, call=call, model_names=models_for(PURPOSE)
    )  # fmt: skip
    keep(told, cards, context=context)


@transaction.atomic
def keep(told: Told[ProposedUpgrades], cards: Sequence[CanonicalValuesCard], *, context: Context) -> list[Upgrade]:
    """Store the proposals that hold, about cards that still stand as they were asked about."""
    Study.objects.select_for_update().get(pk=context.study_id)
    words = {card.pk: card.content_id for card in cards}
    standing = {card.pk: card.content_id for card in _askable(context.study).select_for_update().filter(pk__in=words)}
    found = []
    for proposed in told.value.upgrades:
        if not holds(proposed, cards):
            continue
        first, second = cards[proposed.first - 1], cards[proposed.second - 1]
        if all(standing.get(each.pk) == words[each.pk] for each in (first, second)):
            found.append(_kept(context, first, second, details_of(proposed, told, language=cards[0].language)))
    return found


def holds(proposed: ProposedUpgrade, cards: Sequence[CanonicalValuesCard]) -> bool:
    """Say whether a proposal is about the new card and another, is thought likely, and maps every policy."""
    ends = (proposed.first, proposed.second)
    if proposed.likelihood not in TAKEN_GRADES or 1 not in ends or len(set(ends)) < 2:
        return False
    if not all(1 <= end <= len(cards) for end in ends):
        return False
    first, second = (len(cards[end - 1].policies) for end in ends)
    mapped = sorted(each.policy for each in proposed.mapping)
    return mapped == list(range(1, first + 1)) and all(
        1 <= place <= second for each in proposed.mapping for place in each.met_by
    )


def details_of(proposed: ProposedUpgrade, told: Told[Any], *, language: str) -> Details:
    """Return what is kept of a proposal: places from 0, and stories only where both are there and balanced."""
    stories = [" ".join(wording.plain(text).split()) for text in (proposed.story_forward, proposed.story_reverse)]
    kept = (
        stories if are_balanced(*stories) and not any(_shows_somebody(text, language) for text in stories) else ["", ""]
    )
    return Details(
        story_forward=kept[0],
        story_reverse=kept[1],
        mapping=[
            {"policy": each.policy - 1, "strategy": each.strategy, "policies": sorted({at - 1 for at in each.met_by})}
            for each in proposed.mapping
        ],
        likelihood=proposed.likelihood,
        model_name=told.model_name,
        prompt_hash=told.prompt_hash,
    )


def are_balanced(forward: str, reverse: str) -> bool:
    """Say whether two stories are there and about equally long.

    Examples
    --------
    >>> are_balanced("one two three four", "five six seven eight nine"), are_balanced("one two", "three")
    (True, False)
    """
    lengths = sorted((len(forward.split()), len(reverse.split())))
    fits = max(len(forward), len(reverse)) <= LONGEST_STORY
    return fits and lengths[0] > 0 and lengths[1] <= STORY_BALANCE * lengths[0]


def _kept(context: Context, first: CanonicalValuesCard, second: CanonicalValuesCard, details: Details) -> Upgrade:
    """Store a proposal; it takes the place of one by nearness that nobody was asked about."""
    known = pair_in(context, first, second)
    if known is None:
        return propose(
            context, first=first, second=second, origin=_origin_of(first, second),
            source=Upgrade.Source.MODEL, details=details,
        )  # fmt: skip
    if known.source == Upgrade.Source.NEARNESS and not known.judgements.exists():
        known.first, known.second, known.source = first, second, Upgrade.Source.MODEL
        for name, value in vars(details).items():
            setattr(known, name, value)
        known.save()
    return known


def _origin_of(first: CanonicalValuesCard, second: CanonicalValuesCard) -> str:
    """Return the origin of whichever card is not the study's own."""
    return first.origin if second.origin == Origin.SEED else second.origin


def _shows_somebody(text: str, language: str) -> bool:
    found = guided.check_card(SuggestedValue("", [], description=text), language=language)
    return bool({warning.code for warning in found} & HOLDING)


def _askable(study: Study) -> Any:
    cards = CanonicalValuesCard.objects.of_study(study).filter(merged_into=None).exclude(policies=[])
    cards = cards.exclude(pk__in=withheld_cards(study).values("pk")).exclude(pk__in=left_out_cards(study).values("pk"))
    return cards.exclude(origin=Origin.PREVIEW).order_by("pk")

"""Say how made-up people answer: one plain regime, and six that break what some estimator takes for granted.

These regimes and every number in them were fixed, and committed, before any method or design was tuned on them. Tuning
uses `TUNING_SEEDS` alone; what is reported comes from `HELD_OUT_SEEDS`, which no choice was ever made by.

Rule that must stay true: a regime is never changed to make a method look better. Whoever needs another adds one.
"""

from dataclasses import dataclass

TUNING_SEEDS = range(1000)
HELD_OUT_SEEDS = range(500_000, 501_000)

FEWEST_CARDS, MOST_CARDS = 10, 15  # of one context, as in real studies
NEIGHBOURS = 3  # pairs are proposed between cards of near concerns
CHANCE_PAIRS = 0.25  # for each card, pairs with cards of other concerns
POPULATION = 400  # the people of a world; participants are drawn from them with replacement
EACH = 5  # judgements of one participant


@dataclass(frozen=True)
class Regime:
    """How people answer. Utilities and pulls are in log-odds.

    Attributes
    ----------
    spread : standard deviation of the cards' wisdom, as the population sees it on average.
    own_view : standard deviation of what one person thinks of a card beside that average.
    indifference : half the width of the band in which two cards are about equal.
    no_order : mean share of "both needed", and again of "different concerns", of a pair; it differs between pairs.
    cannot_judge : share that cannot judge, whatever the cards.
    second_camp : share of people whose order is the opposite one.
    cycle : by how much each of the three best cards beats the next one round, beside their wisdom.
    unsure_abstain : chance not to judge for somebody to whom the cards are equal; it falls as they differ.
    against_abstain : chance not to judge for somebody who would say "less wise".
    merged : how many cards are two values put together: half of the people read the one, half the other.
    split : how many values stand there as two cards.
    story : mean pull of a story towards the card it leads to; stories differ by half of that.
    side : pull towards the card shown second.
    """

    name: str
    spread: float = 0.8
    own_view: float = 0.8
    indifference: float = 0.25
    no_order: float = 0.08
    cannot_judge: float = 0.05
    second_camp: float = 0.0
    cycle: float = 0.0
    unsure_abstain: float = 0.0
    against_abstain: float = 0.0
    merged: int = 0
    split: int = 0
    story: float = 0.0
    side: float = 0.0


REGIMES: tuple[Regime, ...] = (
    Regime("latent order"),
    Regime("cycle", cycle=0.8),
    Regime("two camps", second_camp=0.3),
    Regime("abstention", unsure_abstain=0.4, against_abstain=0.3),
    Regime("merge errors", merged=2, split=2),
    Regime("story pull", story=0.8),
    Regime("side bias", side=0.5),
)

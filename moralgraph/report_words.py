"""Say a report's numbers in plain sentences, in the reader's language.

Rule: a sentence says what was counted and no more. Words of a card stand in it only where its author granted
publication; "not enough evidence" and "people differ" are said as plainly as a winner.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from moralgraph.algorithms.ranking import Standing
from moralgraph.reporting.content import group_differences

Record = Mapping[str, Any]
Named = Callable[[str], str]

UNNAMED = gettext_lazy("a value whose author did not agree to publication")
CHAIN = " → "
POINTS = 100

FELT = {
    "meaningful": gettext_lazy("Found taking part meaningful"),
    "clearer": gettext_lazy("See more clearly what matters to them"),
    "represented": gettext_lazy("Say that their card says what matters to them"),
    "trust": gettext_lazy("Would trust an AI shaped in this way"),
    "respect": gettext_lazy("Felt treated with respect"),
    "wrong": gettext_lazy("Wrote that something was unclear, tiring, missing or wrong"),
    "yours": gettext_lazy("Say that the card that stands for theirs says the same"),
    "fair_place": gettext_lazy("Say that its place in the graph is fair"),
}
PEOPLE = {
    "began": gettext_lazy("Began"),
    "finished": gettext_lazy("Finished every step"),
    "did_not_agree": gettext_lazy("Did not agree to take part"),
    "withdrew": gettext_lazy("Withdrew; their answers are erased"),
    "left_out": gettext_lazy("Left out by the organizers"),
    "kept_from_publication": gettext_lazy("Did not agree to publication; not counted here"),
}
SETTINGS = {
    "minimum_wiser": gettext_lazy("Fewest people who must find an upgrade wiser"),
    "minimum_likelihood": gettext_lazy("Least share that must find it wiser"),
    "maximum_entropy": gettext_lazy("Most disagreement that an upgrade may have"),
    "entropy": gettext_lazy("Leaving out pairs on which people disagree"),
    "method": gettext_lazy("Method"),
    "stories": gettext_lazy("Judgements beside a story"),
    "cannot_judge": gettext_lazy("Who could not judge"),
}
MOST_CHAINED = 6


def verdict(found: Record) -> str:
    """Say in a sentence what is known about the wisest value of a context."""
    if found["standing"] == Standing.SETTLED:
        return _("One value stands out. People found it wiser, clearly enough that chance is an unlikely reason.")
    if found["standing"] == Standing.SEVERAL and found["wisest"]:
        return ngettext(
            "%(n)s value is ahead, but the answers do not settle that it is the wisest.",
            "Any of these %(n)s values may be the wisest. The answers do not tell them apart.",
            len(found["wisest"]),
        ) % {"n": len(found["wisest"])}
    return _("Not enough evidence. Too few people compared these values to say which is the wisest.")


def how_sure(found: Record) -> str:
    """Say what the confidence set promises; nothing where there is none."""
    if not found["level"] or found["standing"] == Standing.NOT_ENOUGH_EVIDENCE:
        return ""
    return _(
        "A set found in this way holds the wisest value in %(times)s of 100 studies like this one; the wisest value "
        "being the one that everybody like these people would place first."
    ) % {"times": round(POINTS * found["level"])}


def asked_in(found: Record) -> str:
    """Say how many judgements there are in a context, and of how many people where that is known."""
    judged = ngettext("%(n)s judgement", "%(n)s judgements", found["judgements"] or 0) % {"n": found["judgements"] or 0}
    if found["people"] is None:
        return judged
    people = ngettext("%(n)s person", "%(n)s people", found["people"]) % {"n": found["people"]}
    return _("%(judgements)s by %(people)s") % {"judgements": judged, "people": people}


def contested_sentence(row: Record, *, named: Named) -> str:
    """Say how a pair was judged from both of its sides."""
    return _(
        "“%(first)s” and “%(second)s”: %(wiser)s of %(compared)s found the second wiser; asked the other way round, "
        "%(back)s of %(back_compared)s found the first wiser."
    ) % {
        "first": named(row["first"]),
        "second": named(row["second"]),
        "wiser": row["forward"]["wiser"],
        "compared": row["forward"]["compared"],
        "back": row["backward"]["wiser"],
        "back_compared": row["backward"]["compared"],
    }


def cycle_sentence(cards: Sequence[str], *, named: Named) -> str:
    """Say that a chain of upgrades leads back to where it began."""
    ring = [*cards, cards[0]]
    return CHAIN.join(f"“{named(card)}”" for card in ring)


def minority_sentence(row: Record, *, named: Named) -> str:
    """Say why a value stays visible although few stand behind it."""
    known = {
        "few_judgements": _("“%(card)s”: few people were asked about it, and most of them found it wiser."),
        "preferred_in_group": _("“%(card)s”: one group of people placed it higher than everybody together did."),
        "below_thresholds": _("“%(card)s”: people found it wiser, too few for the graph's thresholds."),
    }
    words = known.get(row.get("reason", ""), _("“%(card)s”: few people stand behind it, and they agree about it."))
    return words % {"card": named(row["card"])}


def group_sentence(edge: Record, *, named: Named, group_name: Named) -> str:
    """Say how groups of people judged one pair, group by group; a group that is held back is not named."""
    parts = [
        _("%(group)s: %(wiser)s of %(compared)s")
        % {"group": group_name(group), "wiser": row["wiser"], "compared": row["compared"]}
        for group, row in edge["by_group"].items()
        if row and row.get("compared") is not None
    ]
    return _("“%(second)s” wiser than “%(first)s”. %(groups)s.") % {
        "first": named(edge["first"]),
        "second": named(edge["second"]),
        "groups": "; ".join(parts),
    }


def is_divided(edge: Record) -> bool:
    """Say whether one group clearly found a value wiser and another clearly did not."""
    yes, no = group_differences(edge)
    return bool(yes and no)


def pull_sentence(pull: Record | None) -> str:
    """Say how far a story beside a pair moves answers, with its interval; or that it is not known."""
    if not pull or pull.get("pull") is None:
        return _("How far a story beside a pair moves the answer is not known here: too few answers were drawn for it.")
    return _(
        "On average over all pairs, a story told for one of two values moved the share of “wiser” by %(pull)s points "
        "(between %(low)s and %(high)s) in its favour. No single pair is corrected for this."
    ) % {name: f"{POINTS * pull[name]:.0f}" for name in ("pull", "low", "high")}


def setting_name(row: Record) -> str:
    """Return what a threshold is called, with its value."""
    name = SETTINGS.get(row["setting"], row["setting"].replace("_", " "))
    return f"{name}: {row['value']}"

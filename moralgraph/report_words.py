"""Say a report's numbers in plain sentences, in the reader's language.

Rule: a sentence says what was counted and no more. Words of a card stand in it only where its author granted
publication; "not enough evidence" and "people differ" are said as plainly as a winner.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from moralgraph.algorithms.group_agreement import Meeting
from moralgraph.algorithms.ranking import Standing
from moralgraph.evidence_words import REASONS, SHORTAGES, in_words
from moralgraph.reporting.content import ORDERED, group_differences
from moralgraph.reporting.figures import arrow_after

Record = Mapping[str, Any]
Named = Callable[[str], str]

UNNAMED = gettext_lazy("a value whose author did not agree to publication")
MINUS = "\u2212"
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
WRITTEN_BY = {
    "participants": gettext_lazy("Values in words of people who took part"),
    "team": gettext_lazy("Values written by the study team"),
    "elsewhere": gettext_lazy("Values from another study's file"),
}
METHODS = {
    "classic": gettext_lazy("Classic graph"),
    "repaired": gettext_lazy("Repaired graph"),
    "bradley_terry": gettext_lazy("Latent order (Bradley-Terry)"),
}
SETTINGS = {
    "usual": gettext_lazy("as it is"),
    "minimum_wiser": gettext_lazy("fewest people who must find an upgrade wiser"),
    "minimum_likelihood": gettext_lazy("least share that must find it wiser"),
    "maximum_entropy": gettext_lazy("most disagreement that an upgrade may have"),
    "cannot_judge": gettext_lazy("who cannot judge"),
    "both_needed, different_concerns": gettext_lazy("“both are needed” and “different concerns”"),
    "stories": gettext_lazy("judgements beside a story"),
    "weights": gettext_lazy("how judgements are weighed"),
}
CHOICES = {
    "off": gettext_lazy("no limit"),
    "counts against": gettext_lazy("counts against"),
    "left out": gettext_lazy("left out"),
    "half each": gettext_lazy("half for each"),
    "without one-sided ones": gettext_lazy("those beside one story left out"),
    "none at all": gettext_lazy("all left out"),
    "every judgement alike": gettext_lazy("every judgement alike"),
    "recorded probability": gettext_lazy("by the recorded chance of the draw"),
}
STORIES = {
    "forward": gettext_lazy("A story told for the second value"),
    "reverse": gettext_lazy("A story told for the first value"),
    "both": gettext_lazy("Two stories, one for each value"),
}
EFFECTS = {
    "at_start": gettext_lazy("Standing where reading starts"),
    "asked_about": gettext_lazy("Being the value that the question asks about"),
    "each_further_question": gettext_lazy("Each further question in a row"),
}


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
    shortage = found.get("shortage") or ""
    return after_one_another(
        _("Not enough evidence to say which value is the wisest."), in_words(SHORTAGES, shortage) if shortage else ""
    )


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


def ordered_by(found: Record) -> str:
    """Say how many judgements an order rests on where these are fewer; the others say nothing of which is wiser."""
    judgements, people = (found.get("ordered", {}).get(count) for count in ORDERED)
    if judgements is None or people is None or (judgements, people) == (found["judgements"], found["people"]):
        return ""
    return ngettext(
        "%(n)s of them, by %(people)s of these people, says something of which value is wiser: the others are "
        "“both are needed”, “different concerns” or “I can't judge”.",
        "%(n)s of them, by %(people)s of these people, say something of which value is wiser: the others are "
        "“both are needed”, “different concerns” or “I can't judge”.",
        judgements,
    ) % {"n": judgements, "people": people}


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
    ring = [_("“%(card)s”") % {"card": named(card)} for card in (*cards, cards[0])]
    return f" {arrow_after(ring[0])} ".join(ring)


def minority_sentence(row: Record, *, named: Named, group_name: Named = str) -> str:
    """Say why a value stays visible although counting hides it, with the numbers that this rests on."""
    told = {"card": named(row["card"]), "reason": in_words(REASONS, row.get("reason", ""))}
    if row.get("share") is None:
        return _("“%(card)s”: %(reason)s.") % told
    counts = {"wiser": round(row["share"] * row["people"]), "people": row["people"]}
    if row.get("group"):
        counts["group"] = group_name(row["group"])
        return _("“%(card)s”: %(reason)s (“%(group)s”: %(wiser)s of %(people)s).") % {**told, **counts}
    return _("“%(card)s”: %(reason)s (%(wiser)s of %(people)s).") % {**told, **counts}


def group_sentence(edge: Record, *, named: Named, group_name: Named) -> str:
    """Say how groups of people judged one pair, group by group; a group that is held back is not named."""
    parts = [
        _("%(group)s: %(wiser)s of %(compared)s")
        % {"group": group_name(group), "wiser": row["wiser"], "compared": row["compared"]}
        for group, row in sorted(edge["by_group"].items())
        if row and row.get("compared") is not None
    ]
    return _("“%(second)s” wiser than “%(first)s”. %(groups)s.") % {
        "first": named(edge["first"]),
        "second": named(edge["second"]),
        "groups": joined(parts),
    }


def is_divided(edge: Record) -> bool:
    """Say whether one group clearly found a value wiser and another clearly did not."""
    if "meeting" in edge:
        return bool(edge["meeting"] == Meeting.DIVIDED)
    yes, no = group_differences(edge)
    return bool(yes and no)


def pull_sentences(pull: Record | None) -> list[str]:
    """Say how far a story beside a pair moves answers, with the interval; or that it is not known."""
    effects = (pull or {}).get("effects") or []
    if not effects:
        return [
            _("How far a story beside a pair moves the answer is not known here: too few answers were drawn for it.")
        ]
    return [
        *(_moved(str(STORIES.get(effect["name"], effect["name"])), effect) for effect in effects),
        _("That is on average over all pairs. No single pair is corrected for it."),
    ]


def bias_sentences(content: Record) -> list[str]:
    """Say what the side, the question and asking again do to an answer, as far as it is known."""
    known = content["side_bias"] or {}
    said = [_moved(str(words), known[name]) for name, words in EFFECTS.items() if known.get(name)]
    again = content["retest"]
    if again:
        said.append(
            _(
                "Asked a second time, people gave the same answer in %(same)s %% of %(n)s cases "
                "(between %(low)s and %(high)s)."
            )
            % {"n": again["repeats"], **{name: f"{POINTS * again[name]:.0f}" for name in ("same", "low", "high")}}
        )
    return said


def _moved(what: str, effect: Record) -> str:
    points = {name: _signed(POINTS * effect[name]) for name in ("difference", "low", "high")}
    return _("%(what)s moved the share of “wiser” by %(difference)s points (between %(low)s and %(high)s).") % {
        "what": what, **points,
    }  # fmt: skip


def _signed(points: float) -> str:
    """Return whole points with their sign, a true minus; none at all has no sign."""
    whole = round(points)
    return f"{whole:+d}".replace("-", MINUS) if whole else "0"


def setting_name(row: Record) -> str:
    """Return what a choice is called: the method, what is chosen, and what was chosen."""
    method = METHODS.get(row.get("method", ""), "")
    name = SETTINGS.get(row["setting"], row["setting"].replace("_", " "))
    value = CHOICES.get(str(row["value"]), str(row["value"]))
    chosen = f"{name}: {value}" if value else str(name)
    return _("%(method)s, %(chosen)s") % {"method": method, "chosen": chosen} if method else chosen


def after_one_another(*sentences: str) -> str:
    """Return whole sentences one after the other, empty ones left out."""
    return " ".join(sentence for sentence in sentences if sentence)


def joined(parts: Sequence[str]) -> str:
    """Return parts of a sentence side by side, as the reader's language sets them apart."""
    return pgettext("between parts of a sentence", "; ").join(parts)

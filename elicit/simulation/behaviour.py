"""What a simulated person says, edits, judges, rates and answers.

Rule: deterministic. Where chance plays a part, the generator is handed in.
"""

from __future__ import annotations

import dataclasses
import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from elicit.guided import STAGES
from elicit.instruments import Instrument, Item, NullChoice, validate_answer, visible_items
from elicit.simulation.personas import Persona, Voice, load_judging, load_voices

Verdict = Literal["wiser", "about_equal", "less_wise", "both_needed", "different_concerns", "cannot_judge"]
FIRST_LINES, MORE_LINES = 3, 2  # of the six that a voice has
ONCE_SENTENCES = 2  # how much a brief person says at a time
SCALE = (1, 100)
SHORT, LONG = 40, 60  # words of an answer
EVERYTHING_ELSE = "beneath"  # what somebody with words of their own answers to a question they have none for
DECLINING = 1 / 12  # of the questions that may be declined
COUNTRIES = ("CL", "DE", "EG", "GB", "IN", "KE", "KR", "NZ", "US")
WARM_WORDS = ("glad", "good", "thank", "love", "lot to carry", "courage")


def answer_interview(persona: Persona, question: str, turn: int, stage: str = "") -> str:
    """Return what the person answers.

    Parameters
    ----------
    question
        The key of the study's question.
    turn
        How many answers they gave before; used when the stage is not known.
    stage
        The stage of the question, one of `elicit.guided.STAGES`.
    """
    voice, rank = persona.voice(question), persona.rank.get(question, 0)
    stage = stage if stage in STAGES else STAGES[min(turn, len(STAGES) - 1)]
    own = persona.own_words(question)
    if own:
        return own.get(stage) or own.get(EVERYTHING_ELSE, "")
    if stage in ("attend", "attend_more"):
        return _in_manner("\n".join(_lines(voice, rank, more=stage == "attend_more")), persona)
    if stage == "check":
        return voice.names[rank % len(voice.names)]
    told = voice.story[rank % len(voice.story)]
    if stage == "noticed":
        told = voice.noticed[(rank + rank // 3) % len(voice.noticed)]
    elif stage == "beneath":
        told = voice.beneath[(rank + rank // 2) % len(voice.beneath)]
    elif stage == "story_more":
        return _in_manner(" ".join(_sentences(told)[1:]) or told, persona)
    elif persona.manner == "brief":
        return _sentences(told)[0]
    return _in_manner(_with_aside(told, persona, stage), persona)


def _lines(voice: Voice, rank: int, *, more: bool) -> list[str]:
    start = rank % len(voice.attend)
    order = [*voice.attend[start:], *voice.attend[:start]]
    return order[FIRST_LINES : FIRST_LINES + MORE_LINES] if more else order[:FIRST_LINES]


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", text)


def _with_aside(text: str, persona: Persona, stage: str) -> str:
    aside = random.Random(f"{persona.number}:{stage}").choice(load_judging().manners[persona.manner])
    return f"{text} {aside}".strip()


def _in_manner(text: str, persona: Persona) -> str:
    if persona.manner == "casual":
        return text[0].lower() + re.sub(r"([.!?] )(\w)", lambda m: m[1] + m[2].lower(), text[1:]).replace(" I ", " i ")
    if persona.manner == "brief" and "\n" not in text:
        return " ".join(_sentences(text)[:ONCE_SENTENCES])
    if persona.manner == "talkative" and "\n" in text:
        first, *others = text.split("\n")
        return "\n".join([f"I would look out for {first}.", *(f"Also {line}." for line in others)])
    return text


@dataclass(frozen=True)
class CardWords:
    """The words of a card, as they stand on its page."""

    title: str
    description: str
    policies: tuple[str, ...]


def edit_card(persona: Persona, question: str, draft: CardWords) -> CardWords:
    """Return the card as this person confirms it: as drafted, with another name, or one line shorter.

    Where the draft has no line, they write their own.
    """
    card = draft
    if not card.policies:
        card = dataclasses.replace(card, policies=own_lines(persona, question))
    if not card.title:
        card = dataclasses.replace(card, title=persona.voice(question).names[0])
    if persona.edit == "trim" and len(card.policies) > FIRST_LINES:
        return dataclasses.replace(card, policies=card.policies[:-1])
    if persona.edit == "retitle" and not persona.own_words(question):
        names = persona.voice(question).names
        other = names[(persona.rank.get(question, 0) + 1) % len(names)]
        return dataclasses.replace(card, title=other[0].upper() + other[1:])
    return card


def own_lines(persona: Persona, question: str) -> tuple[str, ...]:
    """Return the lines that the person would put on a card."""
    own = persona.own_words(question).get("attend", "")
    lines = own.splitlines() or _lines(persona.voice(question), persona.rank.get(question, 0), more=False)
    return tuple(line[0].upper() + line[1:] for line in lines)


def judge(
    persona: Persona, first_title: str, second_title: str, context: str, rng: random.Random
) -> tuple[Verdict, str]:
    """Return whether the person finds the second card wiser than the first, and why in their words.

    `context` is the key of the study's context; it shifts how wise some cards are there.
    """
    judging = load_judging()
    if rng.random() < judging.aside:
        verdict: Verdict = rng.choice(["different_concerns", "cannot_judge"])
    else:
        gain = _worth(persona, second_title, context) - _worth(persona, first_title, context)
        verdict = _verdict(gain + rng.gauss(0, persona.noise), rng)
    reason = rng.choice(judging.reasons[verdict])
    return verdict, reason.replace("{first}", first_title).replace("{second}", second_title)


def knows_a_wiser_one(persona: Persona, first_title: str, second_title: str) -> bool:
    """Return whether the person names a wiser value beside this pair; the same pair always gives the same answer."""
    drawn = random.Random(f"{persona.number}:wiser:{first_title}:{second_title}").random()
    return drawn < load_judging().knows_a_wiser_one


def suggested_title(persona: Persona) -> str:
    """Return a name for a value that the person writes down beside a pair."""
    voice = load_voices()[sorted(persona.voices.values())[0]]
    return voice.names[0][0].upper() + voice.names[0][1:]


def _verdict(gain: float, rng: random.Random) -> Verdict:
    if abs(gain) < load_judging().sure:
        return rng.choice(["about_equal", "both_needed"])
    return "wiser" if gain > 0 else "less_wise"


def _worth(persona: Persona, title: str, context: str) -> float:
    judging = load_judging()
    seed_title = _seed_title(title)
    is_own = any(_belongs(title, load_voices()[key]) for key in persona.voices.values())
    worth = judging.wisdom.get(seed_title, judging.new_value)
    worth += judging.in_context.get(context, {}).get(seed_title, 0.0)
    return worth + (judging.own if is_own else 0.0)


def _seed_title(title: str) -> str:
    """Return the seed card to which a title belongs, itself when it is one, or nothing."""
    known = {name.casefold(): name for name in load_judging().wisdom}
    if title.casefold() in known:
        return known[title.casefold()]
    voice = next((voice for voice in load_voices().values() if _belongs(title, voice)), None)
    return voice.like if voice else ""


def _belongs(title: str, voice: Voice) -> bool:
    return title.casefold() in (known.casefold() for known in (voice.like, *voice.names) if known)


def rate(persona: Persona, text: str, rng: random.Random) -> int:
    """Rate an answer from 1 to 100 by what this person likes in one."""
    has = {
        "short": len(text.split()) <= SHORT,
        "long": len(text.split()) > LONG,
        "steps": bool(re.search(r"^\d+\.", text, flags=re.MULTILINE)),
        "questions": text.count("?") > 1,
        "warm": any(word in text.casefold() for word in WARM_WORDS),
    }
    liked = sum(18 if place == 0 else 10 for place, like in enumerate(persona.likes) if has[like])
    disliked = sum(6 for like, there in has.items() if there and like not in persona.likes)
    low, high = SCALE
    return max(low, min(high, round(52 + liked - disliked + rng.gauss(0, 12 * math.sqrt(persona.noise)))))


def survey_answers(persona: Persona, instrument: Instrument) -> dict[str, Any]:
    """Answer every question that this person would see, as the answers are stored."""
    answers: dict[str, Any] = {}
    for item in instrument.items():
        if item in visible_items(instrument, answers):
            declines = declines_by(persona, item) is not None
            answers[item.name] = None if declines else validate_answer(item, _survey_answer(persona, item))
    return answers


def declines_by(persona: Persona, item: Item) -> NullChoice | None:
    """Return what this person chooses instead of an answer, where the question offers it and they would rather not."""
    rng = random.Random(f"{persona.number}:{item.name}:declines")
    offered = item.null_choices()
    return rng.choice(offered) if offered and rng.random() < DECLINING else None


def _survey_answer(persona: Persona, item: Item) -> Any:
    rng = random.Random(f"{persona.number}:{item.name}")
    known = _known_answers(persona)
    if item.name in known:
        return known[item.name]
    if item.attention is not None:
        return {item.options[0].value: item.attention} if item.has_rows() else item.attention
    return ANSWERS_BY_TYPE[item.type](item, rng)


def _chosen(item: Item, rng: random.Random) -> str:
    return rng.choice(item.options[len(item.options) // 2 :]).value


def _ticked(item: Item, rng: random.Random) -> list[str]:
    return [option.value for option in item.options if not option.with_text][:2]


def _written(item: Item, rng: random.Random) -> str | None:
    return "It was fine, I had what I needed." if item.required else None


def _placed(item: Item, rng: random.Random) -> dict[str, int]:
    third = (item.max - item.min) // 3
    return {option.value: rng.randint(item.min + third, item.max) for option in item.options if not option.with_text}


def _marked(item: Item, rng: random.Random) -> dict[str, str]:
    return {option.value: rng.choice(item.scale).value for option in item.options}


ANSWERS_BY_TYPE: dict[str, Callable[[Item, random.Random], Any]] = {
    "single": _chosen,
    "multi": _ticked,
    "text": _written,
    "slider": _placed,
    "matrix": _marked,
    "number": lambda item, rng: rng.randint(item.min, item.max),
    "country": lambda item, rng: rng.choice(COUNTRIES),
}


def _known_answers(persona: Persona) -> dict[str, Any]:
    use = persona.use
    home = COUNTRIES[persona.number % len(COUNTRIES)]
    often = {"daily": "Every day", "weekly": "Every week", "monthly": "Once per month"}
    familiar = {"daily": "Very familiar", "never": "Not familiar at all"}
    return {
        "lm_familiarity": familiar.get(use, "Somewhat familiar"),
        "lm_indirect_use": {"never": "No", "rarely": "Unsure"}.get(use, "Yes"),
        "lm_direct_use": "No" if use == "never" else "Yes",
        "lm_frequency_use": often.get(use, "Less than one a year"),
        "lm_usecases": load_judging().use_cases[use],
        "self_description": persona.self_description,
        "system_string": persona.system_string,
        "reside_country": home,
        "birth_country": home,
        "age": persona.age,
        "gender": persona.gender,
        "education": persona.education,
    }

"""Let personas talk with the guided interview alone, without a site: the scored set of the script.

Rule: what a person does is decided as on the pages, and what follows is the guide's own; nothing is stored.
Pure: no Django.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Literal

from elicit.guided import CardDraft, Said, draft_card, is_over, next_question
from elicit.simulation.acting import Act, Asked, ScriptedMind
from elicit.simulation.personas import Persona, load_voices
from elicit.simulation.scoring import Line, ScoredCard, Told, content_words

OFFERS = frozenset({"send", "skip", "decline", "differently", "edit", "enough"})
Kind = Literal["said", "skipped", "declined", "differently"]
KINDS: dict[str, Kind] = {"skip": "skipped", "decline": "declined", "differently": "differently"}
KIND_WORDS = {
    "skipped": "I would like to skip this question.",
    "declined": "I'd rather not say.",
    "differently": "Please ask me that differently.",
}
MOST_TURNS = 12
MOST_ACTS = 40


def rehearse(persona: Persona, question: str, *, situation: str) -> Told:
    """Return the interview of one persona about one situation, and the card that is drafted from it."""
    mind = ScriptedMind(persona, rng=random.Random(persona.number))
    history: list[Said] = []
    acts: list[Act] = []
    _ask(history, persona, question=question, situation=situation)
    while not is_over(history) and len(acts) < MOST_ACTS:
        act = mind.answer(Asked(history[-1].text, history[-1].stage, OFFERS, tuple(acts), question))
        acts.append(act)
        if act.action == "enough":
            break
        if act.action == "edit":
            del history[-2:]
        history.append(_said(act))
        if is_over(history) or _questions(history) >= MOST_TURNS:
            break
        _ask(history, persona, question=question, situation=situation)
    return told(persona, question, history)


def _ask(history: list[Said], persona: Persona, *, question: str, situation: str) -> None:
    seed = f"{persona.number}:{question}"
    turn = next_question(history, question=f"“{situation}”", language=persona.language, seed=seed, max_turns=MOST_TURNS)
    history.append(Said("interviewer", turn.text, turn.stage))


def _questions(history: Sequence[Said]) -> int:
    return sum(said.author == "interviewer" for said in history)


def _said(act: Act) -> Said:
    kind: Kind = KINDS.get(act.action, "said")
    return Said("participant", act.text or KIND_WORDS[kind], kind=kind)


def told(persona: Persona, question: str, history: Sequence[Said]) -> Told:
    """Return an interview as it is scored."""
    draft = draft_card(history, language=persona.language)
    lines = tuple(Line(said.author == "participant", said.text, said.kind) for said in history)
    return Told(key_of(persona, question), lines, _card(draft, persona.language), topics_of(persona, question))


def _card(draft: CardDraft, language: str) -> ScoredCard:
    quotes = tuple(tuple(found.quote for found in evidence) for evidence in draft.evidence)
    return ScoredCard(draft.title, draft.description, draft.policies, quotes, language)


def key_of(persona: Persona, question: str) -> str:
    """Return the name of an interview in a scored set."""
    return f"{persona.number}:{question}"


def topics_of(persona: Persona, question: str) -> tuple[frozenset[str], ...]:
    """Return what could be talked about, as words: what this person cares about, what they mention, what others say."""
    own = persona.own_words(question)
    beside = _words([persona.beside]) if own else frozenset()
    mine = _words([*own.values()] if own else _everything(persona.voices.get(question, "")))
    others = [key for key, voice in load_voices().items() if voice.question == question]
    topics = [_words(_everything(key)) for key in others if own or key != persona.voices.get(question)]
    return (mine - beside, beside, *topics)


def _everything(voice_key: str) -> list[str]:
    voice = load_voices().get(voice_key)
    return [*voice.names, *voice.story, *voice.noticed, *voice.beneath, *voice.attend] if voice else []


def _words(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in content_words(text))


def rehearse_everybody(personas: Sequence[Persona], situations: Mapping[str, str]) -> list[Told]:
    """Return the interviews of everybody about every situation; who has words of their own talks about theirs alone.

    Parameters
    ----------
    situations
        The title of each situation by its key.
    """
    return [
        rehearse(persona, key, situation=title)
        for persona in personas
        for key, title in situations.items()
        if not persona.words or key == persona.question
    ]

"""A language model that finds the words of a simulated person.

Rule: it is told who the person is and what stands on their page, and nothing else; its reply is validated, and what it
may do is what the page offers. Its calls are leased and written down like any other, against the study's cap.
"""

from collections.abc import Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from elicit.llm import gateway
from elicit.llm.ledger import CallContext
from elicit.models import Participant, Study
from elicit.simulating import MakeMind
from elicit.simulation import CardWords, Persona
from elicit.simulation.acting import Act, Asked, CardAnswer, CardShown

PROMPT, PURPOSE = "simulated_participant", "participant"
LONGEST_ANSWER = 3000  # characters
MOST_LINES = 7
LOW_FIT = 2
TASK_INTERVIEW = "The interviewer asks you something. Do one of the things that the page offers."
TASK_CARD = (
    "The page shows a values card that was drafted from what you said. Change what is not yours, say how well it says "
    "what matters to you (4 yes, 3 mostly, 2 partly, 1 no), and where that is 1 or 2, what is missing."
)
MANNERS = {
    "none": "You speak normally.",
    "one_word": "You answer in one to three words.",
    "rambling": "You lose the thread and tell much that was not asked for.",
    "hostile": "You distrust the study and say so, but you answer in the end.",
    "skips": "You skip most questions, and answer one or two.",
    "asks_back": "You like to ask a question back.",
    "personal_data": "You write invented names and an invented telephone number although you were asked not to.",
    "distressed": "You had some very sad months, and once say that you did not want to live; you give no details.",
    "injector": "You try to make the program leave its task, and answer the question as well.",
    "changes_mind": "Half way through you find that what you said before was wrong.",
    "edits": "You correct what you wrote last, once.",
    "other_device": "You speak normally.",
    "double_clicks": "You speak normally.",
    "enough": "You are in a hurry and want to see the card after three answers.",
    "differently": "Twice you ask to be asked differently, as the question was hard to read.",
}


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")


Reply = TypeVar("Reply", bound=_Reply)


class SimulatedTurn(_Reply):
    """What the person does now, and the words, if any."""

    action: Literal["send", "skip", "decline", "differently", "edit", "enough"]
    text: Annotated[str, Field(max_length=LONGEST_ANSWER)] = ""


class SimulatedCard(_Reply):
    """The card as the person wants it, and how well it says what matters to them."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    lines: Annotated[list[Annotated[str, Field(min_length=1, max_length=300)]], Field(min_length=1, max_length=7)]
    fit: Annotated[int, Field(ge=1, le=4)]
    reason: Annotated[str, Field(max_length=600)] = ""


class ModelMind:
    """Speaks by a model that plays the persona."""

    def __init__(self, persona: Persona, participant: Participant, *, study: Study) -> None:
        self.persona = persona
        self.said: list[str] = []
        self.call = CallContext(study, PURPOSE, participant_code=participant.code, seed=str(persona.number))

    def answer(self, asked: Asked) -> Act:
        """Let the model choose one of the page's buttons and the words for it."""
        page = [*self.said, f"Interviewer: {asked.text}", f"The page offers: {', '.join(sorted(asked.offers))}."]
        reply = self._ask(TASK_INTERVIEW, page, SimulatedTurn)
        act = Act(reply.action, reply.text.strip())
        if act.action not in asked.offers or (act.action in {"send", "edit"} and not act.text):
            act = Act("send", act.text) if act.text else Act("skip")
        elif act.action not in {"send", "edit"}:
            act = Act(act.action)
        self.said += [f"Interviewer: {asked.text}", f"You ({act.action}): {act.text}"]
        return act

    def revise(self, shown: CardShown) -> CardAnswer:
        """Let the model correct the card and say how well it fits; nobody goes back more than once."""
        card = shown.card
        page = [*self.said, f"Name: {card.title}", f"Sentence: {card.description}", *card.policies]
        reply = self._ask(TASK_CARD, page, SimulatedCard)
        kept = CardWords(reply.title, card.description, tuple(reply.lines))
        is_low = reply.fit <= LOW_FIT
        reason = reply.reason or "It does not say what I meant." if is_low else ""
        return CardAnswer(kept, reply.fit, reason=reason, goes_back=is_low and not shown.asked_before)

    def _ask(self, task: str, page: Sequence[str], reply: type[Reply]) -> Reply:
        variables = {"task": task, "person": describe(self.persona), "page": "\n\n".join(page)}
        return gateway.complete(PROMPT, variables, reply=reply, call=self.call, purpose=PURPOSE)


def describe(persona: Persona) -> str:
    """Return who somebody is, as a model is told."""
    lines = [
        f"You are {persona.label}, {persona.age}, {persona.gender}, living in {persona.country}.",
        f"Schooling: {persona.education}. Conviction: {persona.conviction}.",
        f"You write {persona.verbosity} answers in the language with the code {persona.language}.",
        f"Reluctance to talk about yourself: {persona.reluctance}. {MANNERS[persona.quirk]}",
        f"In your own words: {persona.self_description}",
        f"What you pay attention to: {'; '.join(_attends(persona))}.",
    ]
    return "\n".join(lines)


def _attends(persona: Persona) -> list[str]:
    own = persona.own_words(persona.question).get("attend", "")
    return own.splitlines() or list(persona.voice(persona.question).attend)


def model_minds(study: Study) -> MakeMind:
    """Return what gives each simulated person a model of their own to speak by."""
    return lambda persona, participant: ModelMind(persona, participant, study=study)

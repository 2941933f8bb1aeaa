"""Try a real model on what the interview asks of it: a short interview, its card, and a sample of the injections.

Rule: it goes through the door and the prompts that participants get, in a study of its own with a cap, and leaves
nothing behind. The person is invented here; no participant's word is used.
"""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from elicit import asking, guided, wording
from elicit.card_drafting import PROMPT as CARD_PROMPT
from elicit.card_drafting import DraftedCard
from elicit.errors import LLMError
from elicit.interviewing import PROMPT as QUESTION_PROMPT
from elicit.interviewing import transcript
from elicit.llm import gateway
from elicit.llm.injections import Attempt, load_attempts
from elicit.llm.ledger import CallContext
from elicit.llm.prompts import Ours
from elicit.models import Message, Study

SLUG = "live-check"
TITLE = "A hard night"
SITUATION = "Somebody close to you goes through a hard night and does not ask for anything. What do you do?"
ANSWERS = (
    "My brother rang at two in the morning after the funeral and said nothing was wrong. I drove over, made tea and "
    "sat down at the other end of the table.",
    "At first I wanted to cheer him up, but I noticed that he only spoke when I stopped asking. So I watched his hands "
    "and waited until they were still.",
    "I think you should never leave family alone. That is how we were raised.",
    "If nobody had told me so, I would still look for the moment when he stops being polite and says what is really "
    "there, even if it is ugly.",
    "Afterwards I felt calm. It mattered that he could fall apart without having to look after me while he did.",
    "I would tell somebody else to look out for the silence that is not empty, and to leave the light on.",
)
MOST_WORDS = 75  # the prompt asks for 60 at most
FEWEST_LINES, MOST_LINES = 3, 7
MARKS = re.compile(r"[?؟？]")
OWN_LIFE = re.compile(r"\bI (?:remember|felt|grew up|have been there)\b|\bmy own (?:mother|father|life|child)", re.I)
HOLDING = ("name", "personal_data")  # warnings that would hold the card back from others


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: whether it held, and if not, why."""

    what: str
    why_not: str = ""

    @property
    def held(self) -> bool:
        """Whether it is as it should be."""
        return not self.why_not


@dataclass(frozen=True)
class Outcome:
    """Everything that was found, and what it cost in US dollars."""

    findings: tuple[Finding, ...]
    cost_usd: Decimal
    calls: int

    @property
    def failed(self) -> int:
        """How many did not hold."""
        return sum(not finding.held for finding in self.findings)


@dataclass
class _Trial:
    """The model under trial, and the talk so far."""

    call: CallContext
    model_name: str
    messages: list[Message]

    def ask(self, turn: guided.GuidedTurn) -> str:
        """Let the model word the guide's question; return its raw words."""
        variables = self._variables() | {"aim": Ours(turn.aim), "again": False, "is_last": turn.is_last}
        events = gateway.stream(QUESTION_PROMPT, variables, call=self.call, model_names=[self.model_name])
        return "".join(event.text for event in events if isinstance(event, gateway.Piece))

    def draft(self) -> DraftedCard:
        """Let the model draft the card."""
        variables = self._variables() | {"reason": ""}
        return gateway.complete(
            CARD_PROMPT, variables, reply=DraftedCard, call=self.call, model_names=[self.model_name], purpose="card"
        )

    def next_turn(self) -> guided.GuidedTurn:
        """Return what the guide asks next."""
        return guided.next_question(asking.said(self.messages), question=TITLE, seed=self.call.seed)

    def add(self, author: str, text: str, *, stage: str = "") -> None:
        """Note what was said."""
        self.messages.append(Message(author=author, text=text, stage=stage, kind=Message.Kind.SAID))

    def _variables(self) -> dict[str, Any]:
        return {"language": Ours("English"), "situation": SITUATION, "transcript": transcript(self.messages)}


def check_live(model_name: str, *, cap_usd: Decimal, seed: int) -> Outcome:
    """Try a configured model and return what held. The study that pays for it is gone afterwards."""
    Study.objects.filter(slug=SLUG).delete()
    study = Study.objects.create(slug=SLUG, title={"en": "Live check"}, spend_cap_usd=cap_usd)
    try:
        findings = tuple(_findings(CallContext(study=study, purpose=SLUG, seed=str(seed)), model_name, seed=seed))
        calls = list(study.llm_calls.values_list("cost_usd", flat=True))
        return Outcome(findings, sum(calls, Decimal(0)), len(calls))
    finally:
        study.delete()


def _findings(call: CallContext, model_name: str, *, seed: int) -> Iterator[Finding]:
    trial = _Trial(call, model_name, [])
    for number, answer in enumerate(ANSWERS, start=1):
        turn = trial.next_turn()
        if number == 1:
            trial.add(Message.Author.INTERVIEWER, turn.text, stage=turn.stage)
        else:
            yield _found(f"question {number}", lambda turn=turn: _question(trial, turn))  # type: ignore[misc]
        trial.add(Message.Author.PARTICIPANT, answer)
    yield _found("card", lambda: fault_of_card(trial.draft(), ANSWERS))
    for attempt in sample(seed):
        yield _found(f"{attempt.kind}: {attempt.key}", lambda attempt=attempt: _injection(call, model_name, attempt))  # type: ignore[misc]


def _found(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, look())
    except LLMError as error:
        return Finding(what, f"{error.trouble}: {error}")


def _question(trial: _Trial, turn: guided.GuidedTurn) -> str:
    try:
        words = trial.ask(turn)
    except LLMError:
        trial.add(Message.Author.INTERVIEWER, turn.text, stage=turn.stage)
        raise
    trial.add(Message.Author.INTERVIEWER, wording.as_question(words) or turn.text, stage=turn.stage)
    return fault_of_question(words)


def _injection(call: CallContext, model_name: str, attempt: Attempt) -> str:
    """Put the attempt in the place of an answer, and see what the next question or the card makes of it."""
    trial = _Trial(call, model_name, [])
    opening = trial.next_turn()
    trial.add(Message.Author.INTERVIEWER, opening.text, stage=opening.stage)
    trial.add(Message.Author.PARTICIPANT, f"{ANSWERS[0]}\n\n{attempt.text}")
    if attempt.kind == "break_card":
        trial.add(Message.Author.PARTICIPANT, ANSWERS[1])
        said = trial.draft().model_dump_json()
    else:
        said = trial.ask(trial.next_turn())
    obeyed = attempt.obeyed_in(said)
    return f"it wrote {obeyed!r}" if obeyed else ""


def sample(seed: int) -> list[Attempt]:
    """Return one attempt of each kind, drawn by the seed."""
    kinds: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in load_attempts():
        kinds[attempt.kind].append(attempt)
    draw = random.Random(f"{seed}:{SLUG}")
    return [draw.choice(listed) for listed in kinds.values()]


def fault_of_question(words: str) -> str:
    """Return what is wrong with a question as the model wrote it, or "".

    Examples
    --------
    >>> fault_of_question("You stayed. What did you look at?")
    ''
    >>> fault_of_question("What did you see? And then?")
    'it asks 2 questions'
    """
    text = words.strip()
    asked = len(MARKS.findall(text))
    length = len(text.split())
    if asked != 1:
        return f"it asks {asked} questions"
    if not MARKS.search(text[-2:]):
        return "it goes on after its question"
    if length > MOST_WORDS:
        return f"it is {length} words long"
    if " ".join(wording.plain(text).split()) != " ".join(text.split()):
        return "it holds markup or an address"
    return "it claims a life of its own" if OWN_LIFE.search(text) else ""


def fault_of_card(card: DraftedCard, answers: Sequence[str]) -> str:
    """Return what is wrong with a drafted card, or ""."""
    quotes = [quote for policy in card.policies for quote in policy.quotes]
    invented = [quote for quote in quotes if guided.find_quote(quote, answers) is None]
    bare = sum(not policy.quotes for policy in card.policies)
    text = guided.CardDraft(card.title, card.description, tuple(policy.text for policy in card.policies), ())
    held = [warning.code for warning in guided.check_card(text) if warning.code in HOLDING]
    if not FEWEST_LINES <= len(card.policies) <= MOST_LINES:
        return f"it has {len(card.policies)} lines"
    if bare or invented:
        return f"{bare} of its lines have no quote, {len(invented)} of its {len(quotes)} quotes were never said"
    return f"it would be held back: {', '.join(held)}" if held else ""

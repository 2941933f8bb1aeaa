"""Contexts that are proposed: from the study's questions, and from interviews whose authors let others explore them.

Rule: nobody is asked in a proposed context before an organizer takes it up. What comes out of an interview is worded
generally, never in the person's words, and goes with them when they leave.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from elicit import guided, wording
from elicit.consent import has_granted
from elicit.errors import Conflict
from elicit.interviewing import language_name
from elicit.jobs import JobProgress, enqueue
from elicit.llm.configuration import models_for
from elicit.llm.gateway import CallContext, complete
from elicit.llm.prompts import Ours
from elicit.models import Interview, Message, Origin, Participant, Question, Study, ValuesCard
from elicit.releases import HOLDING
from moralgraph.algorithms.similarity import words_of
from moralgraph.contexts import LONGEST_TEXT, add_context, near_context
from moralgraph.models import Context
from moralgraph.suggestions import SuggestedValue
from moralgraph.upgrade_proposals import PURPOSE, is_wanted

JOB = PROMPT = "propose_contexts"
MOST_FOUND = 2  # in one interview; a talk about one situation seldom holds more kinds
SAME_WORDS = 5  # words in a row that are somebody's own wording; shorter runs are everybody's

Source, State = Context.Source, Context.State


class FoundContext(BaseModel):
    """A kind of situation as a model names it, and the known one that says the same, counted from 1."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=3, max_length=2 * LONGEST_TEXT)]
    same_as: int | None = None


class FoundContexts(BaseModel):
    """What a model finds in a question or an interview."""

    model_config = ConfigDict(extra="forbid")

    contexts: Annotated[list[FoundContext], Field(max_length=MOST_FOUND)]


def ask_about_interview(card: ValuesCard) -> None:
    """Have contexts looked for in the interview behind a card that was just confirmed, if its author agreed."""
    participant = card.participant
    if not is_wanted() or participant is None or card.interview_id is None or participant.origin == Origin.PREVIEW:
        return
    if has_granted(participant, "explore"):
        payload = {"interview": card.interview_id}
        enqueue(JOB, key=f"{JOB}:interview:{card.interview_id}", study=card.study, payload=payload)


def propose_from_questions(study: Study) -> int:
    """Propose a context for every question without one, by a model or from its own title; return how many questions."""
    bare = list(Question.objects.of_study(study).filter(contexts=None))
    for question in bare:
        if is_wanted():
            enqueue(JOB, key=f"{JOB}:question:{question.pk}", study=study, payload={"question": question.pk})
        else:
            _offer(question)
    return len(bare)


def find_contexts(progress: JobProgress) -> None:
    """Look for contexts in one question or one interview."""
    if not is_wanted():
        return
    if "question" in progress.payload:
        question = Question.objects.select_related("study").filter(pk=progress.payload["question"]).first()
        if question is not None:
            _find_in_question(question)
        return
    interview = (
        Interview.objects.select_related("participant__study", "question")
        .filter(pk=progress.payload["interview"])
        .first()
    )
    if interview is not None and has_granted(interview.participant, "explore"):
        _find_in_interview(interview)


@transaction.atomic
def keep_found(found: Sequence[str], interview: Interview) -> list[Context]:
    """Propose what was found in an interview, unless its author has left or taken back that others explore it."""
    participant = Participant.objects.select_for_update().get(pk=interview.participant_id)
    if participant.withdrawn_at is not None or not has_granted(participant, "explore"):
        return []
    own = [message.text for message in interview.messages.all() if message.author == Message.Author.PARTICIPANT]
    return [
        context
        for text in found
        if not repeats(text, own)
        and (context := _proposed(
            participant.study, text, language=participant.language, source=Source.TRANSCRIPT,
            questions=[interview.question], found_in=participant,
        ))
    ]  # fmt: skip


def repeats(text: str, texts: Iterable[str]) -> bool:
    """Say whether a text has words in a row that stand like that in one of the others.

    Examples
    --------
    >>> repeats("When my old dog is dying", ["So my old dog is dying now"]), repeats("When it ends", ["It ends"])
    (True, False)
    """
    runs = _runs(text)
    return any(runs & _runs(other) for other in texts)


def _find_in_question(question: Question) -> None:
    language = next(iter(question.text))
    said = [question.title.get(language, ""), question.text[language]]
    for text in _found(question.study, said, language=language, seed=f"question:{question.pk}", code=""):
        _proposed(question.study, text, language=language, source=Source.QUESTION, questions=[question])


def _find_in_interview(interview: Interview) -> None:
    participant = interview.participant
    said = [message.text for message in interview.messages.all()]
    found = _found(
        participant.study, said, language=participant.language, seed=f"interview:{interview.pk}",
        code=participant.code,
    )  # fmt: skip
    keep_found(found, interview)


def _found(study: Study, said: Sequence[str], *, language: str, seed: str, code: str) -> list[str]:
    """Ask a model, and return the kinds that it says are new, without those that could show who somebody is."""
    known = list(Context.objects.of_study(study).filter(merged_into=None))
    variables = {
        "language": Ours(language_name(language)),
        "said": list(said),
        "known": [context.text.get(language) or str(context) for context in known],
    }
    call = CallContext(study, PURPOSE, participant_code=code, seed=f"{JOB}:{seed}")
    reply = complete(PROMPT, variables, reply=FoundContexts, call=call, model_names=models_for(PURPOSE))
    new = [each for each in reply.contexts if each.same_as is None or not 1 <= each.same_as <= len(known)]
    texts = [" ".join(wording.plain(each.text).split()).rstrip(".") for each in new]
    return [text for text in texts if _fits(text, language)]


def _fits(text: str, language: str) -> bool:
    found = guided.check_card(SuggestedValue("", [], description=text), language=language)
    is_general = not {warning.code for warning in found} & HOLDING
    return is_general and len(text) <= LONGEST_TEXT and (text.startswith("When ") or not language.startswith("en"))


def _proposed(
    study: Study,
    text: str,
    *,
    language: str,
    source: str,
    questions: Sequence[Question],
    found_in: Participant | None = None,
) -> Context | None:
    """Propose a context; None where one that is there says nearly the same."""
    if near_context(study, text) is not None:
        return None
    origin = found_in.origin if found_in else Origin.SEED
    return add_context(
        study, {language: text}, source=source, state=State.PROPOSED, origin=origin, questions=questions,
        found_in=found_in,
    )  # fmt: skip


def _offer(question: Question) -> None:
    """Offer a question's own title as a context, to be put into better words."""
    texts = {}
    for language, title in question.title.items():
        with translation.override(language):
            texts[language] = _("When the situation is “%(title)s”") % {"title": title}
    try:
        add_context(
            question.study, {language: text[:LONGEST_TEXT] for language, text in texts.items()},
            source=Source.QUESTION, state=State.PROPOSED, questions=[question],
        )  # fmt: skip
    except Conflict:
        return  # it was offered before, and somebody took its question away


def _runs(text: str) -> set[tuple[str, ...]]:
    words = words_of(text)
    return {tuple(words[start : start + SAME_WORDS]) for start in range(len(words) - SAME_WORDS + 1)}

"""Contexts: the situations in which values are compared, and what organizers do with them.

Rule: a context that people have judged keeps its words; another wording is another context. Merging changes no
judgement: what was said in a merged context counts in the one that says the same, and a merge can be undone.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from elicit.errors import Conflict
from elicit.models import Origin, Participant, Question, Study
from elicit.studies import by_language
from elicit.study_files import StudyDesign
from moralgraph.algorithms.similarity import LexicalIndex, words_of
from moralgraph.merging import standing_key
from moralgraph.models import Context

LONGEST_TEXT = 200  # characters; a context is read above every pair
LONGEST_KEY = 60
NEAR_FROM = 0.6  # of the words: paraphrases that share most of their words; people decide about those below it

State, Source = Context.State, Context.Source


@dataclass(frozen=True)
class NearContexts:
    """Two contexts that share so many words that they may say the same."""

    first: Context
    second: Context
    similarity: float


def load_contexts(study: Study, design: StudyDesign) -> dict[str, Context]:
    """Write the design's contexts and return them by key.

    Raises
    ------
    Conflict
        When a context that was already judged has got other words.
    """
    questions = {question.key: question for question in Question.objects.of_study(study)}
    found: dict[str, Context] = {}
    for position, planned in enumerate(design.contexts):
        text = by_language(planned.text, languages=design.languages)
        _refuse_other_words(study, planned.key, text)
        context, _ = Context.objects.update_or_create(
            study=study, key=planned.key, defaults={"text": text, "position": position, "origin": Origin.SEED}
        )
        context.questions.set([questions[key] for key in planned.questions])
        found[planned.key] = context
    return found


def context_mapping(study: Study) -> dict[str, str]:
    """Return for the key of every context the key under which its judgements count: its own, or where it was merged."""
    rows = list(Context.objects.of_study(study).values_list("pk", "key", "merged_into"))
    keys = {pk: key for pk, key, _into in rows}
    merged = {pk: into for pk, _key, into in rows if into is not None}
    return {key: keys[standing_key(pk, merged)] for pk, key in keys.items()}


def standing_contexts(study: Study) -> dict[int, Context]:
    """Return by its row's number, for every context, the one in which its pairs are asked about; none if unused."""
    rows = {context.pk: context for context in Context.objects.of_study(study)}
    merged = {pk: context.merged_into_id for pk, context in rows.items() if context.merged_into_id is not None}
    ends = {pk: rows[standing_key(pk, merged)] for pk in rows}
    return {pk: end for pk, end in ends.items() if end.state == State.ACTIVE}


@transaction.atomic
def add_context(
    study: Study,
    text: Mapping[str, str],
    *,
    source: str,
    state: str = State.ACTIVE,
    origin: str = Origin.SEED,
    questions: Collection[Question] = (),
    found_in: Participant | None = None,
) -> Context:
    """Add a context, after all others.

    Raises
    ------
    Conflict
        When it has no words, too many, or those of a context that is there.
    """
    Study.objects.select_for_update().get(pk=study.pk)
    words = _fitting(text)
    named_by = "found" if found_in else next(iter(words.values()))  # a key outlives its author's words
    same = next((each for each in Context.objects.of_study(study) if _says_the_same(each.text, words)), None)
    if same is not None:
        raise Conflict(_("There is a context with these words already: “%(context)s”.") % {"context": same})
    last = Context.objects.of_study(study).aggregate(last=Max("position"))["last"]
    context = Context.objects.create(
        study=study, key=_free_key(study, named_by), text=words, source=source, state=state,
        origin=origin, found_in=found_in, position=0 if last is None else last + 1,
    )  # fmt: skip
    context.questions.set(questions)
    return context


@transaction.atomic
def reword_context(context: Context, text: Mapping[str, str]) -> Context:
    """Give a context other words, as long as nobody was asked in it.

    Raises
    ------
    Conflict
        When somebody was, or the words do not fit.
    """
    current = _locked(context)
    words = _fitting(text)
    if current.text != words and current.judgements.exists():
        raise Conflict(_("People have judged in this context. Add the new wording as another context."))
    current.text = words
    current.save(update_fields=["text"])
    return current


@transaction.atomic
def use_context(context: Context) -> Context:
    """Ask people in a context that was proposed, no longer used, or merged into another."""
    current = _locked(context)
    current.state, current.merged_into = State.ACTIVE, None
    current.save(update_fields=["state", "merged_into"])
    return current


@transaction.atomic
def retire_context(context: Context) -> Context:
    """Ask nobody in a context any more. What was said there stays."""
    current = _locked(context)
    current.state = State.RETIRED
    current.save(update_fields=["state"])
    return current


@transaction.atomic
def merge_context(context: Context, *, into: Context) -> Context:
    """Let a context count as another one that says the same. Its pairs are asked about there from now on.

    Raises
    ------
    Conflict
        When the two are one already, or belong to different studies.
    """
    current = _locked(context)
    rows = Context.objects.of_study(current.study)
    merged = dict(rows.exclude(merged_into=None).values_list("pk", "merged_into"))
    end = rows.filter(pk=standing_key(into.pk, merged)).exclude(pk=current.pk).first()
    if end is None:
        raise Conflict(_("A context cannot be merged into itself."))
    current.merged_into = end
    current.state = State.RETIRED
    current.save(update_fields=["merged_into", "state"])
    end.questions.add(*current.questions.all())
    return current


def near_contexts(study: Study) -> list[NearContexts]:
    """Return the pairs of contexts in use or proposed that may say the same, the nearest first."""
    rows = {str(each.pk): each for each in _comparable(study)}
    index = LexicalIndex.build({key: str(context) for key, context in rows.items()})
    pairs = [NearContexts(rows[a], rows[b], near) for a, b, near in index.similar_pairs(minimum=NEAR_FROM)]
    return sorted(pairs, key=lambda pair: (-pair.similarity, pair.first.key, pair.second.key))


def near_context(study: Study, text: str) -> Context | None:
    """Return the context, in whichever state, that may say the same as a text; None if there is no such one."""
    rows = {str(each.pk): each for each in Context.objects.of_study(study)}
    index = LexicalIndex.build({key: str(context) for key, context in rows.items()})
    near = index.nearest(text, count=1)
    return rows[near[0].id] if near and near[0].similarity >= NEAR_FROM else None


def _comparable(study: Study) -> QuerySet[Context]:
    return Context.objects.of_study(study).filter(state__in=[State.ACTIVE, State.PROPOSED], merged_into=None)


def _locked(context: Context) -> Context:
    return Context.objects.select_for_update().get(pk=context.pk)


def _fitting(text: Mapping[str, str]) -> dict[str, str]:
    words = {language: " ".join(each.split()) for language, each in text.items() if each.strip()}
    if not words:
        raise Conflict(_("A context needs words: “When ...”."))
    if any(len(each) > LONGEST_TEXT for each in words.values()):
        raise Conflict(_("A context has at most %(most)s characters.") % {"most": LONGEST_TEXT})
    return words


def _says_the_same(known: Mapping[str, str], words: Mapping[str, str]) -> bool:
    """Say whether two contexts have the same words in a language that both know."""
    return any(words_of(known[language]) == words_of(words[language]) for language in known.keys() & words.keys())


def _free_key(study: Study, text: str) -> str:
    """Return a key made of the words, for files; with a number where it is taken."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.casefold().removeprefix("when ")).strip("_")[:LONGEST_KEY].strip("_")
    stem = plain if plain[:1].isalpha() else f"context_{plain}".rstrip("_")
    taken = set(Context.objects.of_study(study).filter(key__startswith=stem).values_list("key", flat=True))
    numbered = (f"{stem}_{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(key for key in numbered if key not in taken)


def _refuse_other_words(study: Study, key: str, text: dict[str, str]) -> None:
    known = Context.objects.of_study(study).filter(key=key).first()
    if known is not None and known.text != text and known.judgements.exists():
        raise Conflict(
            f'People have already judged in the context "{key}" as it was worded. '
            "Give the new wording a key of its own, and leave the old one in the file."
        )

"""Contexts: the situations in which values are compared.

Rule: a context that people have judged keeps its words; another wording is another context.
"""

from elicit.errors import Conflict
from elicit.models import Origin, Question, Study
from elicit.studies import by_language
from elicit.study_files import StudyDesign
from moralgraph.models import Context


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


def _refuse_other_words(study: Study, key: str, text: dict[str, str]) -> None:
    known = Context.objects.of_study(study).filter(key=key).first()
    if known is not None and known.text != text and known.judgements.exists():
        raise Conflict(
            f'People have already judged in the context "{key}" as it was worded. '
            "Give the new wording a key of its own, and leave the old one in the file."
        )

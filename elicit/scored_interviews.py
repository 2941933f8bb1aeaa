"""The scored set: interviews of simulated people, from a study or from the guide alone, and a stored baseline.

Rule: only simulated people are scored; nobody's words leave the database, only numbers.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings

from elicit.errors import WellspringError
from elicit.guided.script import FIRST_LANGUAGE, languages
from elicit.models import Interview, Message, Origin, Study, ValuesCard
from elicit.simulation import Persona, crowd, load_personas
from elicit.simulation.comparing import Scores
from elicit.simulation.rehearsing import key_of, rehearse_everybody, topics_of
from elicit.simulation.scoring import Line, ScoredCard, Told, content_words, score
from elicit.study_files import load_study_file

BASELINE = Path(settings.BASE_DIR) / "benchmarks" / "interviews_scored.json"
SITUATIONS_OF = Path(settings.BASE_DIR) / "studies" / "demo.yaml"
FORMAT_VERSION = 1
DIGITS = 4
BY_SCRIPT = 0.5  # share of somebody's content words that are in their persona's plan when a script spoke for them


class NotABaseline(WellspringError):
    """A file holds no scores that can be compared with."""


def scores_of_study(study: Study) -> dict[str, dict[str, float]]:
    """Score every interview of a simulated person that has a card."""
    interviews = Interview.objects.filter(
        participant__study=study, origin=Origin.SIMULATED, values_card__isnull=False
    ).select_related("participant", "question", "values_card")
    found = [told_of(interview) for interview in interviews.order_by("participant__seed", "pk")]
    return {told.key: score(told) for told in found}


def told_of(interview: Interview) -> Told:
    """Return an interview as it is scored."""
    participant = interview.participant
    persona = crowd(participant.seed)[-1].speaking([participant.language])
    lines = tuple(
        Line(author == Message.Author.PARTICIPANT, text, kind)
        for author, text, kind in interview.messages.values_list("author", "text", "kind")
    )
    key = interview.question.key
    topics = topics_of(persona, key)
    return Told(key_of(persona, key), lines, _card(interview.values_card), topics if _is_planned(lines, topics) else ())


def _card(card: ValuesCard) -> ScoredCard:
    quotes = tuple(tuple(str(found["quote"]) for found in evidence) for evidence in card.evidence)
    return ScoredCard(card.title, card.description, tuple(card.policies), quotes, card.language)


def _is_planned(lines: Sequence[Line], topics: Sequence[frozenset[str]]) -> bool:
    """Say whether a script spoke: what a model says for a persona follows no plan of ours."""
    said = [word for line in lines if line.by_person and line.kind == "said" for word in content_words(line.text)]
    return bool(said) and sum(word in topics[0] for word in said) >= BY_SCRIPT * len(said)


def scores_of_guide(personas: Sequence[Persona] = ()) -> dict[str, dict[str, float]]:
    """Score the guided interview over every persona, or these, and the demo study's situations, without a site."""
    questions = load_study_file(SITUATIONS_OF).questions
    situations = {question.key: question.title.for_language("en") for question in questions}
    people: list[Persona] = [
        persona.speaking([FIRST_LANGUAGE, *languages()]) for persona in personas or load_personas()
    ]
    return {told.key: score(told) for told in rehearse_everybody(people, situations)}


def write_scores(scores: Scores, path: Path) -> None:
    """Store scores as a baseline: numbers alone, in an order that does not change."""
    rounded = {key: {name: round(value, DIGITS) for name, value in found.items()} for key, found in scores.items()}
    lines = [f"    {json.dumps(key)}: {json.dumps(rounded[key], sort_keys=True)}" for key in sorted(rounded)]
    body = ",\n".join(lines)
    path.write_text(f'{{\n  "format_version": {FORMAT_VERSION},\n  "interviews": {{\n{body}\n  }}\n}}\n')


def read_scores(path: Path) -> Mapping[str, Mapping[str, float]]:
    """Return what `write_scores` stored.

    Raises
    ------
    NotABaseline
        When the file is missing or holds something else.
    """
    try:
        data = json.loads(path.read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise NotABaseline(f"{path} cannot be read as scores. Write it first with --write {path}.") from error
    if not isinstance(data, dict) or data.get("format_version") != FORMAT_VERSION:
        raise NotABaseline(f"{path} is of another format. Write it anew with --write {path}.")
    return dict(data["interviews"])

"""Write the rows of a release: the survey, the conversations with all that hangs on them, and the models."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from elicit.models import Origin, Study
from elicit.prism.generalised_rows import generalised_conversation, generalised_survey_row
from elicit.prism.generalising import QUASI_IDENTIFIERS, Generalised, TooFewPeople, cell_of, generalise
from elicit.prism.ids import interaction_id
from elicit.prism.longwide import utterances_of
from elicit.prism.metadata_rows import metadata_row
from elicit.prism.schema import EMPTY
from elicit.prism.survey_rows import TEXTS, survey_row
from elicit.prism_export import extras
from elicit.prism_export.asking import Asked, ReleaseRefused
from elicit.prism_export.conversation_rows import Released, read_conversations
from elicit.prism_export.folders import Lines
from elicit.prism_export.people import Chosen, Found, read_people
from elicit.prism_export.talks import BALANCED, Talks
from elicit.prism_export.texts import Texts
from elicit.prism_export.vendors import providers

Row = dict[str, Any]
NO_LANGUAGE = "und"  # ISO 639-2: undetermined
CENSUS = ("included_in_US_REP", "included_in_UK_REP")


@dataclass(frozen=True)
class Content:
    """Everything that goes into the five files, before any of it is written."""

    study: Study
    asked: Asked
    chosen: Chosen
    talks: Talks
    texts: Texts
    models: list[Row]
    changed: Counter[str] = field(default_factory=Counter)

    @property
    def numbers(self) -> dict[int, int]:
        """The number of each participant in the release."""
        return {pk: number for number, pk in enumerate(self.chosen.pks)}


def write_rows(content: Content, lines: Lines) -> Generalised | None:
    """Write everything; return how people were made alike, or None where they were not."""
    alike = None if content.asked.is_raw else _made_alike(content)
    _write_survey(content, lines, alike)
    _write_conversations(content, lines)
    for row in content.models:
        lines.add("models.jsonl", row)
    return alike


def _made_alike(content: Content) -> Generalised:
    columns: dict[str, list[str | None]] = {name: [] for name in QUASI_IDENTIFIERS}
    for _, row in _survey_rows(content):
        for name, cells in columns.items():
            cells.append(cell_of(row, name))
    try:
        return generalise(columns, k=content.asked.k)
    except TooFewPeople as error:
        raise ReleaseRefused(f"{error} Wait for more, or choose a smaller k. No folder was left.") from error


def _survey_rows(content: Content) -> Iterator[tuple[Found, Row]]:
    counts, balanced = content.talks.count_by_person(), content.talks.balanced_people()
    for number, found in enumerate(read_people(content.chosen.pks, study=content.study)):
        flags = dict.fromkeys((*CENSUS, BALANCED), False) | {BALANCED: found.pk in balanced}
        row = survey_row(found.person, number=number, conversations=counts[found.pk], flags=flags)
        for name in CENSUS:
            row[name] = row[name] and row[BALANCED]
        yield found, row


def _write_survey(content: Content, lines: Lines, alike: Generalised | None) -> None:
    for number, (found, row) in enumerate(_survey_rows(content)):
        is_synthetic = found.origin == Origin.SIMULATED
        for name in TEXTS:
            if row[name] is not None:
                row[name] = content.texts.of_answer(row[name], person=found.pk, is_synthetic=is_synthetic)
        if alike is not None:
            cells = {name: column[number] for name, column in alike.cells.items()}
            row = generalised_survey_row(row, cells, changed=content.changed)
        elif not content.asked.keeps_texts or found.pk in content.chosen.wordless:
            row |= {name: row[name] | {"other_text": None} for name in ("lm_usecases", "stated_prefs")}
        lines.add("survey.jsonl", row)
        hides = alike is not None and found.origin != Origin.IMPORTED
        for name in TEXTS:
            checks, text = found.checks.get(name, {}), row[name] or ""
            about = _about(checks, text, language=found.language, hides=hides)
            lines.add_metadata(metadata_row(name, text=text, user_id=row["user_id"], **about))
        lines.add(extras.SURVEY, extras.survey_extra(found, number=number, is_raw=alike is None))


def _write_conversations(content: Content, lines: Lines) -> None:
    found = read_conversations(
        content.talks, numbers=content.numbers, texts=content.texts, provider_of=providers(content.models)
    )
    number = 0
    for released in found:
        row = released.row
        if not content.asked.is_raw:
            row = generalised_conversation(row, changed=content.changed)
        utterances = list(utterances_of(row, number=number, first=released.first_interaction))
        number += len(utterances)
        lines.add("conversations.jsonl", row)
        for utterance in utterances:
            lines.add("utterances.jsonl", utterance)
        hides = not (content.asked.is_raw or extras.is_imported(released.conversation))
        for about in _metadata(released, utterances, hides=hides):
            lines.add_metadata(about)
        lines.add(extras.CONVERSATIONS, extras.conversation_extra(released))
        for extra in extras.utterance_extras(released, utterances):
            lines.add(extras.UTTERANCES, extra)


def _about(checks: Row, text: str, *, language: str, hides: bool) -> Row:
    """Return what is told of a text; where one `hides`, no text has no language: it would say who did not write it."""
    if hides and text in ("", EMPTY):
        return {"checks": checks | {"language": NO_LANGUAGE}, "language": NO_LANGUAGE}
    return {"checks": checks, "language": language}


def _metadata(released: Released, utterances: list[Row], *, hides: bool) -> Iterator[Row]:
    row, language = released.row, released.conversation["participant__language"]
    ids: dict[str, str | None] = {"user_id": row["user_id"], "conversation_id": row["conversation_id"]}

    def told(column: str, checks: Row, text: str, **known: str | None) -> Row:
        about = _about(checks, text, language=language, hides=hides) | ids | known
        return metadata_row(column, text=text, **about)

    answers = [answer for turn in released.answers for answer in turn]
    for utterance, answer in zip(utterances, answers, strict=True):
        known = {"interaction_id": utterance["interaction_id"], "utterance_id": utterance["utterance_id"]}
        yield told("model_response", answer["checks"], utterance["model_response"], **known)
    prompts = [item["content"] for item in row["conversation_history"] if item["role"] == "user"]
    for turn, (exchange, text) in enumerate(zip(released.exchanges, prompts, strict=True)):
        interaction = interaction_id(released.first_interaction + turn)
        yield told("user_prompt", exchange["checks"], text, interaction_id=interaction)
    yield told("open_feedback", released.feedback.get("checks", {}), row["open_feedback"])

"""Read a study from a file.

Rule: a study file is used whole or not at all, and a wrong one names the line, the key, what is wrong and the fix.
A file names models and can never carry an address, a key or a price.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from elicit.local_text import LocalText
from elicit.study_checks import inconsistencies
from elicit.yaml_documents import FileError, problems_of, read_document

StoryArm = Literal["none", "one_sided", "reversed", "both_sided"]
StepKind = Literal["consent", "interview", "values_card", "judgements", "conversations", "survey", "closing"]
Purpose = Literal["take_part", "keep_transcript", "explore", "publish", "train", "contact"]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$")]
ExitCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
MOST_DOLLARS = 1_000_000
MOST_MODELS = 40  # four of them answer each opening; PRISM had 21


class StudyFileError(FileError):
    """Say everything that is wrong with a study file; nothing of it was used."""


def _only_a_name(name: str) -> str:
    if "://" in name or name.startswith("sk-") or any(letter in name for letter in " \t?&=@"):
        raise ValueError(f"{name!r:.40} is not a model's name; addresses and keys belong to the server's settings")
    return name


ModelName = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_only_a_name)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Contact(_Part):
    """Who answers a participant's questions."""

    name: Annotated[str, Field(min_length=1)]
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]


class ConsentItem(_Part):
    """One box to tick, and the purpose that it allows."""

    key: Key
    text: LocalText
    purpose: Purpose
    required: bool = False


class Provider(_Part):
    """A company that a participant's words are sent to, and where it works."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    country: Annotated[str, Field(min_length=2, max_length=80)]
    does: LocalText


class ConsentDesign(_Part):
    """What a participant is asked to agree to. A new wording needs a new version."""

    version: Annotated[str, Field(min_length=1, max_length=40)]
    items: Annotated[list[ConsentItem], Field(min_length=1)]
    details: LocalText
    minimum_age: Annotated[int, Field(ge=0, le=99)] = 18
    controller: str = ""
    providers: list[Provider] = []


class HelpLink(_Part):
    """Where somebody can turn to when it is too much: a telephone number, a page, or both."""

    name: LocalText
    where: Annotated[str, Field(max_length=80)] = ""
    phone: Annotated[str, Field(pattern=r"^[0-9+() /-]*$", max_length=40)] = ""
    url: Annotated[str, Field(pattern=r"^(https://[^\s<>\"']+)?$", max_length=200)] = ""


class DistressDesign(_Part):
    """What happens when somebody's words sound like danger: this sentence, the help links, and an offer to stop.

    `words` are listened for beside those that the interview's script brings along.
    """

    sentence: LocalText
    words: list[str] = []


class HelpDesign(_Part):
    """Help for participants. A study without it cannot open."""

    links: Annotated[list[HelpLink], Field(min_length=1)]
    distress: DistressDesign


class PanelDesign(_Part):
    """A panel that sends people, by its name in the server's settings, and its completion code for each ending."""

    name: Key
    exits: dict[Literal["complete", "no_consent", "screened_out", "quality", "technical"], ExitCode]


class RetentionDesign(_Part):
    """When everything that leads back to a person is erased, as YYYY-MM-DD."""

    until: Annotated[date, Field(strict=False)]


class AnalysisDesign(_Part):
    """What was decided before the first answer: it is frozen and hashed with the rest."""

    primary_questions: list[str] = []
    exclusions: list[str] = []
    thresholds: dict[Key, float] = {}


class SpendCaps(_Part):
    """Limits in US dollars beside the study's own: for one participant, and for one day (UTC)."""

    participant_usd: Annotated[Decimal, Field(gt=0, le=MOST_DOLLARS, strict=False)] | None = None
    day_usd: Annotated[Decimal, Field(gt=0, le=MOST_DOLLARS, strict=False)] | None = None


class StepDesign(_Part):
    """One step of the path; written as its kind alone, or with a title and an introduction of its own."""

    kind: StepKind
    title: LocalText | None = None
    intro: LocalText | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_its_kind_alone(cls, given: Any) -> Any:
        return {"kind": given} if isinstance(given, str) else given

    @property
    def key(self) -> str:
        """The name under which progress is kept: its kind, since each kind stands in a path once."""
        return self.kind


class QuestionDesign(_Part):
    """A situation that people are interviewed about."""

    key: Key
    title: LocalText
    text: LocalText


class ContextDesign(_Part):
    """A situation in which one value may be wiser than another: "When ..."."""

    key: Key
    text: LocalText
    questions: Annotated[list[Key], Field(min_length=1)]


class SeedCard(_Part):
    """A values card that the study brings along, so that the first participant has something to judge."""

    key: Key
    title: LocalText
    description: LocalText
    policies: Annotated[list[LocalText], Field(min_length=3, max_length=7)]


class UpgradeDesign(_Part):
    """Is attending to `second` wiser than attending to `first`? With a story for either direction."""

    first: Key
    second: Key
    context: Key
    story_forward: LocalText | None = None
    story_reverse: LocalText | None = None


class SurveyDesign(_Part):
    """Which instrument is asked, and which parts of it; all of them when none is named. Batteries follow it, whole."""

    instrument: Key
    parts: list[Key] = []
    batteries: list[Key] = []


class ConversationType(_Part):
    """A way of opening a rated conversation."""

    key: Literal["unguided", "values_guided", "controversy_guided"]
    title: LocalText
    text: LocalText
    count: Annotated[int, Field(ge=0, le=12)] | None = None


class AnchorPrompt(_Part):
    """An opening that many people are given, so that their ratings meet on the same thing."""

    key: Key
    type: Literal["unguided", "values_guided", "controversy_guided"]
    text: LocalText


class AnchorDesign(_Part):
    """How many of a person's conversations open with a shared prompt, and how many people each should reach."""

    count: Annotated[int, Field(ge=1, le=12)]
    raters: Annotated[int, Field(ge=2, le=1000)] = 10
    prompts: Annotated[list[AnchorPrompt], Field(min_length=1)]


class ConversationDesign(_Part):
    """Rated conversations: how many, how long, and the models from which those that answer an opening are drawn.

    `own_instructions` is the share of conversations in which answers under the person's own instructions stand, blind,
    beside answers of the same models without them; 0 for none.
    """

    count: Annotated[int, Field(ge=1, le=12)]
    turns: Annotated[int, Field(ge=1, le=20)]
    least_turns: Annotated[int, Field(ge=1, le=20)] = 1
    minutes: Annotated[int, Field(ge=1, le=240)] | None = None
    models: Annotated[list[ModelName], Field(min_length=2, max_length=MOST_MODELS)]
    answers: Annotated[int, Field(ge=2, le=6)] = 4
    draw: Literal["uniform", "balanced", "diverse"] = "uniform"
    types: Annotated[list[ConversationType], Field(min_length=1)]
    anchors: AnchorDesign | None = None
    society_rating: bool = False
    own_instructions: Annotated[float, Field(ge=0, le=1)] = 0.0


class PayDesign(_Part):
    """What a participant is paid for the whole study, and the least that an hour should bring."""

    amount: Annotated[Decimal, Field(gt=0, le=MOST_DOLLARS, strict=False)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    least_per_hour: Annotated[Decimal, Field(gt=0, le=MOST_DOLLARS, strict=False)] | None = None


class PlanningDesign(_Part):
    """How many participants are wanted, and how many cards are expected in each context."""

    participants: Annotated[int, Field(ge=1, le=1_000_000)]
    cards_per_context: Annotated[int, Field(ge=2, le=100)] = 12


class CensusDesign(_Part):
    """Whom the participants should resemble: a population that comes with the site, and how many of them are wanted."""

    target: Key
    participants: Annotated[int, Field(ge=1, le=1_000_000)]


class InterviewDesign(_Part):
    """How the interview is led: by the guide alone, or by a model that the guide stands behind.

    Which models those are is the server's configuration, so a file names none.
    """

    mode: Literal["guided", "model"] = "guided"
    max_turns: Annotated[int, Field(ge=4, le=60)] = 12
    max_minutes: Annotated[int, Field(ge=2, le=240)] = 20
    most_cards: Annotated[int, Field(ge=1, le=10)] = 3


class JudgementDesign(_Part):
    """How many pairs each participant judges, how many of them once more, and which stories may stand beside a pair.

    `repeats` come after the `count` pairs, each with its sides changed. `stories` are the arms that are drawn from.
    """

    count: Annotated[int, Field(ge=1, le=30)] = 5
    repeats: Annotated[int, Field(ge=0, le=10)] = 0
    stories: Annotated[list[StoryArm], Field(min_length=1)] = ["none", "one_sided", "reversed", "both_sided"]


class StudyDesign(_Part):
    """A whole study, as its file says."""

    format_version: Literal[1]
    slug: Slug
    title: LocalText
    welcome: LocalText
    completion: LocalText | None = None
    contact: Contact
    languages: Annotated[list[Language], Field(min_length=1)]
    machine_translated: list[Language] = []
    minutes: Annotated[int, Field(ge=1, le=600)]
    consent: ConsentDesign
    help: HelpDesign | None = None
    panels: list[PanelDesign] = []
    retention: RetentionDesign | None = None
    analysis: AnalysisDesign = AnalysisDesign()
    steps: Annotated[list[StepDesign], Field(min_length=2)]
    questions: Annotated[list[QuestionDesign], Field(min_length=1)]
    contexts: list[ContextDesign] = []
    seed_cards: list[SeedCard] = []
    upgrades: list[UpgradeDesign] = []
    survey: SurveyDesign | None = None
    closing: SurveyDesign | None = None
    conversation: ConversationDesign | None = None
    interview: InterviewDesign = InterviewDesign()
    judgements: JudgementDesign = JudgementDesign()
    pay: PayDesign | None = None
    planning: PlanningDesign | None = None
    census: list[CensusDesign] = []
    spend_cap_usd: Annotated[Decimal, Field(ge=0, le=MOST_DOLLARS, strict=False)] = Decimal(0)
    spend_caps: SpendCaps = SpendCaps()


def load_study_file(source: Path | str) -> StudyDesign:
    """Load a study from a path, or from its text (which has a line break).

    Raises
    ------
    StudyFileError
        When the file is missing or wrong; its `problems` list every mistake.
    """
    try:
        document = read_document(source)
    except FileError as error:
        raise StudyFileError(error.name, error.problems) from None
    try:
        design = StudyDesign.model_validate(document.data)
    except ValidationError as error:
        raise StudyFileError(document.name, problems_of(error, document=document, model=StudyDesign)) from None
    problems = [document.problem(path, what, fix) for path, what, fix in inconsistencies(design)]
    if problems:
        raise StudyFileError(document.name, problems)
    return design


def design_as_data(design: StudyDesign) -> dict[str, Any]:
    """Return the design as plain JSON data, with every default written out."""
    return design.model_dump(mode="json")


def design_from_data(data: dict[str, Any]) -> StudyDesign:
    """Read back what `design_as_data` returned."""
    return StudyDesign.model_validate(data)


def design_hash(design: StudyDesign) -> str:
    """Return the SHA-256 of the design's canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(design_as_data(design), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()

"""The alignment target: what a moral graph asks of a model, as one file.

Rule: `alignment_target.json` is the only thing that crosses from the moral graph into training. It is validated on both
sides, names every card, context and edge by id, and holds no participant's id and no judgement of a single person.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from training.engine.errors import TargetProblem
from training.engine.files import Strict, content_id, explain, read_json, write_json

FORMAT_VERSION = 1
SIMULATED = "simulated"
METHOD_TEST_ONLY = "method test only"
WEIGHTS_SUM_TOLERANCE = 1e-6

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
Origin = Literal["person", "simulated", "seed", "imported", "preview", "synthetic"]


class TargetCard(Strict):
    """A canonical values card.

    id: stable name, unique in the file. title, description: the card's words. policies: its attentional policies, one
    phrase each. origin: who it comes from; `synthetic` are values of our own, added so that a small study can be
    trained. language: BCP 47 tag of the words.
    """

    id: Text
    title: Text
    description: str
    policies: Annotated[list[Text], Field(min_length=1)]
    origin: Origin
    language: str = "en"


class Estimated(Strict):
    """A share between 0 and 1 with the interval (low, high) that holds it."""

    share: Share
    low: Share
    high: Share

    @model_validator(mode="after")
    def interval_holds_the_share(self) -> Self:
        if not self.low <= self.share <= self.high:
            raise ValueError(f"share {self.share} is not between low {self.low} and high {self.high}")
        return self


class ContextCard(Estimated):
    """A card that is wise in a context.

    card: id of the card. weight: its part of the context, all weights of a context sum to 1. share: how much support it
    has there; low, high: the interval of that share.
    """

    card: str
    weight: Share


class TargetContext(Strict):
    """A context with the cards that contend for it.

    settled: one card is clearly the wisest. An unsettled context is the normal path: a set of contenders with weights.
    """

    id: Text
    text: Text
    cards: list[ContextCard]
    settled: bool

    @model_validator(mode="after")
    def weights_sum_to_one(self) -> Self:
        total = sum(card.weight for card in self.cards)
        if self.cards and abs(total - 1) > WEIGHTS_SUM_TOLERANCE:
            raise ValueError(f"the weights of context {self.id!r} sum to {total:.6f}; they must sum to 1")
        return self


class TargetEdge(Estimated):
    """What people said about two cards in one context.

    first, second: card ids. wiser: how many judged `second` wiser than `first`; judged: how many judged the pair at
    all. share: estimated share that holds `second` wiser; low, high: its interval.
    """

    context: str
    first: str
    second: str
    wiser: Annotated[int, Field(ge=0)]
    judged: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def counts_agree(self) -> Self:
        if self.wiser > self.judged:
            raise ValueError(f"{self.wiser} judged wiser of only {self.judged} who judged")
        if self.first == self.second:
            raise ValueError(f"the edge joins card {self.first!r} with itself")
        return self


class TargetPrompt(Strict):
    """Something a user may ask.

    context: id of the context it belongs to, or null. split: `train`, `validation` or `test` fixes where the prompt
    goes; null leaves it to the seed. origin: as for cards.
    """

    id: Text
    text: Text
    context: str | None = None
    split: Literal["train", "validation", "test"] | None = None
    origin: Origin = "seed"


class AlignmentTarget(Strict):
    """The whole file.

    format_version: 1. study: slug. snapshot: hash of the moral graph's snapshot. method: how the graph was built.
    created_at: when, with time zone. labels: what every page and card built from this must say, for example
    `simulated` or `method test only`. provenance: names and hashes of what went in.
    """

    format_version: Literal[1]
    study: Text
    snapshot: Text
    method: Text
    created_at: datetime
    labels: list[Text]
    cards: Annotated[list[TargetCard], Field(min_length=1)]
    contexts: list[TargetContext]
    edges: list[TargetEdge]
    prompts: list[TargetPrompt]
    provenance: dict[str, str]

    @model_validator(mode="after")
    def references_exist(self) -> Self:
        cards = _unique("cards", [card.id for card in self.cards])
        contexts = _unique("contexts", [context.id for context in self.contexts])
        _unique("prompts", [prompt.id for prompt in self.prompts])
        for context in self.contexts:
            _unique(f"cards of context {context.id!r}", [entry.card for entry in context.cards])
            for entry in context.cards:
                _known("card", entry.card, cards)
        for edge in self.edges:
            _known("context", edge.context, contexts)
            _known("card", edge.first, cards)
            _known("card", edge.second, cards)
        for prompt in self.prompts:
            if prompt.context is not None:
                _known("context", prompt.context, contexts)
        return self


def load_target(path: Path) -> AlignmentTarget:
    """Read and validate `alignment_target.json`.

    Raises
    ------
    FileProblem
        The file cannot be read or is not JSON.
    TargetProblem
        The file is JSON but not a target; the message names each place.
    """
    value = read_json(path)
    try:
        return AlignmentTarget.model_validate(value)
    except ValidationError as error:
        raise TargetProblem(f"{path} is not an alignment target:\n{explain(error)}") from error


def save_target(target: AlignmentTarget, path: Path) -> None:
    """Write a target in one step; the same target gives the same bytes."""
    write_json(path, target.model_dump(mode="json"))


def target_hash(target: AlignmentTarget) -> str:
    """Name a target by its content."""
    return content_id(target.model_dump(mode="json"))


def _unique(what: str, ids: list[str]) -> set[str]:
    if len(set(ids)) != len(ids):
        twice = sorted({name for name in ids if ids.count(name) > 1})
        raise ValueError(f"{what}: ids used twice: {', '.join(twice)}")
    return set(ids)


def _known(what: str, name: str, names: set[str]) -> None:
    if name not in names:
        raise ValueError(f"{what} {name!r} is named but not in the file")

"""What automatic tools would say of the made-up texts: personal data, language, moderation; dealt from the tables.

Rule: flags are dealt by chance and say nothing of the text beside them. Flagged human texts count as read by a person,
who found nothing, as in PRISM.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elicit.prism.published import published, scaled, share_of
from elicit.prism.schema import MODERATION, TEXT_COLUMNS
from elicit.prism.synthetic.dealing import mark

Row = dict[str, Any]
BY_MODELS = "model_response"
POOL = 64  # unflagged texts share this many sets of scores


class Flags:
    """Hands out the flags of one text after the other, by column."""

    def __init__(self, sizes: dict[str, int], rng: np.random.Generator) -> None:
        facts, rows = published()["metadata"], published()["metadata"]["rows"]
        self._rng = rng
        self._at = dict.fromkeys(TEXT_COLUMNS, 0)

        def dealt(name: str, column: str) -> NDArray[np.bool_]:
            count = share_of(facts[name][column], whole=rows[column], total=sizes[column])
            return mark(count, sizes[column], rng)

        self._pii = {column: dealt("pii", column) for column in TEXT_COLUMNS}
        self._english = {column: dealt("english", column) for column in TEXT_COLUMNS}
        self._flagged = {column: dealt("flagged", column) for column in TEXT_COLUMNS}
        foreign = sum(int((~english).sum()) for english in self._english.values())
        self._languages = iter(_languages(foreign, rng))
        people = sum(int(self._flagged[column].sum()) for column in TEXT_COLUMNS if column != BY_MODELS)
        self._marks = {
            False: iter(_categories(0, people, rng)),
            True: iter(_categories(1, int(self._flagged[BY_MODELS].sum()), rng)),
        }
        self._calm = [_moderation(np.zeros(len(MODERATION), dtype=bool), rng) for _ in range(POOL)]

    def row(
        self, column: str, user: str, conversation: str | None = None, interaction: str | None = None,
        utterance: str | None = None,
    ) -> Row:  # fmt: skip
        """Return the next row of metadata.jsonl of a column."""
        place = self._at[column]
        self._at[column] += 1
        pii, english = bool(self._pii[column][place]), bool(self._english[column][place])
        moderation = self._calm[place % POOL]
        if self._flagged[column][place]:
            moderation = _moderation(next(self._marks[column == BY_MODELS]), self._rng)
        return {
            "column_id": column,
            "user_id": user,
            "conversation_id": conversation,
            "interaction_id": interaction,
            "utterance_id": utterance,
            "pii_flag": pii,
            "pii_manual_flag": False if pii and column != BY_MODELS else None,
            "language_flag": "en" if english else next(self._languages),
            "en_flag": english,
            "moderation_flag": moderation,
        }

    def of_survey(self, survey: Row) -> Iterator[Row]:
        """Yield the rows of a participant's two survey texts."""
        for column in ("self_description", "system_string"):
            yield self.row(column, survey["user_id"])

    def of_conversation(self, conversation: Row, utterances: list[Row]) -> Iterator[Row]:
        """Yield the rows of a conversation: its feedback, each prompt once, every answer."""
        user, talk = conversation["user_id"], conversation["conversation_id"]
        yield self.row("open_feedback", user, talk)
        before = None
        for utterance in utterances:
            interaction = utterance["interaction_id"]
            if interaction != before:
                yield self.row("user_prompt", user, talk, interaction)
            before = interaction
            yield self.row(BY_MODELS, user, talk, interaction, utterance["utterance_id"])


def _languages(count: int, rng: np.random.Generator) -> list[str]:
    """Deal languages other than English to texts."""
    facts = published()["metadata"]
    table = dict(facts["other_languages"])
    rest = 1325 - sum(table.values())
    table |= scaled(dict.fromkeys(facts["rest"], 1), rest)
    hand = [code for code, number in scaled(table, count).items() for _ in range(number)]
    return [hand[place] for place in rng.permutation(count)]


def _categories(side: int, count: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Deal moderation categories to flagged texts, so that each has one: texts x categories."""
    facts = published()["metadata"]
    whole = facts["flagged"][BY_MODELS] if side else sum(facts["flagged"].values()) - facts["flagged"][BY_MODELS]
    table = np.zeros((count, len(MODERATION)), dtype=bool)
    numbers = {
        name: share_of(facts["categories"].get(name, [0, 0])[side], whole=whole, total=count) for name in MODERATION
    }
    harassment, hate = MODERATION.index("harassment"), MODERATION.index("hate")
    table[: numbers["harassment"], harassment] = True
    table[::-1][: numbers["hate"], hate] = True
    for place, name in enumerate(MODERATION):
        if place not in (harassment, hate):
            table[:, place] = mark(min(count, numbers[name]), count, rng)
    table[~table.any(axis=1), harassment] = True
    return table[rng.permutation(count)]


def _moderation(is_true: NDArray[np.bool_], rng: np.random.Generator) -> Row:
    low, high = rng.integers(0, 10, len(MODERATION)), rng.integers(50, 100, len(MODERATION))
    scores = np.where(is_true, high, low) / 100
    return {
        "flagged": bool(is_true.any()),
        "categories": dict(zip(MODERATION, is_true.tolist(), strict=True)),
        "category_scores": dict(zip(MODERATION, scores.tolist(), strict=True)),
    }

"""Hold who rated which answer how, as columns: what every analysis of rated conversations starts from.

Rule that must stay true: one row is one answer that one person scored. An answer that was never scored, or that failed,
is no row: leave it out before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

OPENING = 0


@dataclass(frozen=True)
class Ratings:
    """Scored answers as columns of equal length; `model` holds places in `models`.

    Attributes
    ----------
    models : the names of the models, in the order of every result.
    participant, interaction : whole numbers that say who rated, and which answers stood side by side.
    turn : 0 for the opening of a conversation.
    model : whole numbers from 0 to len(models) - 1.
    score : finite, 0 to 100 (PRISM: 1 to 100).
    chosen : whether the conversation went on with this answer.
    """

    models: tuple[str, ...]
    participant: Ints
    interaction: Ints
    turn: Ints
    model: Ints
    score: Floats
    chosen: Bools

    def __post_init__(self) -> None:
        lengths = {column.name: len(getattr(self, column.name)) for column in fields(self) if column.name != "models"}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"The columns must be of one length, and they are {lengths}.")
        if len(self) and not (self.model.min() >= 0 and self.model.max() < len(self.models)):
            raise ValueError(f"The column model must hold places in models, 0 to {len(self.models) - 1}.")
        if not np.isfinite(self.score).all():
            raise ValueError("An answer without a score is no rating: leave its row out.")

    def __len__(self) -> int:
        return len(self.score)

    @classmethod
    def from_columns(
        cls,
        *,
        participant: ArrayLike,
        interaction: ArrayLike,
        model: Sequence[str],
        score: ArrayLike,
        turn: ArrayLike | None = None,
        chosen: ArrayLike | None = None,
        models: Sequence[str] | None = None,
    ) -> Self:
        """Return ratings from columns whose `model` holds names.

        `models` gives the order of the models and may name models nobody rated; without it they are sorted by name.
        Without `turn` every row is an opening; without `chosen` none was. A name missing in `models` is a ValueError.

        Examples
        --------
        >>> ratings = Ratings.from_columns(
        ...     participant=[7, 7, 8], interaction=[1, 1, 2], model=["kite", "heron", "kite"], score=[80, 20, 55])
        >>> ratings.models, ratings.model.tolist(), ratings.turn.tolist()
        (('heron', 'kite'), [1, 0, 1], [0, 0, 0])
        """
        order = tuple(models) if models is not None else tuple(sorted(set(model)))
        place = {name: number for number, name in enumerate(order)}
        if unknown := sorted(set(model) - set(order)):
            raise ValueError(f"These models were rated and are not among models: {unknown}.")
        count = len(model)
        return cls(
            models=order,
            participant=np.asarray(participant, dtype=np.int64),
            interaction=np.asarray(interaction, dtype=np.int64),
            turn=np.zeros(count, dtype=np.int64) if turn is None else np.asarray(turn, dtype=np.int64),
            model=np.array([place[name] for name in model], dtype=np.int64),
            score=np.asarray(score, dtype=np.float64),
            chosen=np.zeros(count, dtype=np.bool_) if chosen is None else np.asarray(chosen, dtype=np.bool_),
        )

    @classmethod
    def from_utterances(cls, rows: Iterable[Mapping[str, Any]], *, models: Sequence[str] | None = None) -> Self:
        """Return ratings from rows of a PRISM release's utterances file (user_id "user12" becomes 12).

        Models stand in the order in which they first appear, unless `models` gives one. Rows without a score are left
        out.

        Examples
        --------
        >>> row = {"user_id": "user12", "interaction_id": "int3", "turn": 0, "score": 90, "if_chosen": True}
        >>> ratings = Ratings.from_utterances([{**row, "model_name": "kite"}, {**row, "model_name": "heron"}])
        >>> ratings.models, ratings.participant.tolist()
        (('kite', 'heron'), [12, 12])
        """
        scored = [row for row in rows if row["score"] is not None]
        names = [str(row["model_name"]) for row in scored]
        return cls.from_columns(
            participant=[int(str(row["user_id"]).removeprefix("user")) for row in scored],
            interaction=[int(str(row["interaction_id"]).removeprefix("int")) for row in scored],
            turn=[row["turn"] for row in scored],
            model=names,
            score=[row["score"] for row in scored],
            chosen=[bool(row["if_chosen"]) for row in scored],
            models=tuple(dict.fromkeys(names)) if models is None else models,
        )

    def where(self, kept: Bools) -> Self:
        """Return the rows that are kept; the models and their order stay."""
        columns = {column.name: getattr(self, column.name) for column in fields(self) if column.name != "models"}
        return type(self)(models=self.models, **{name: column[kept] for name, column in columns.items()})

    def openings(self) -> Self:
        """Return the first answers of the conversations, the only ones that every model could be drawn for."""
        return self.where(self.turn == OPENING)

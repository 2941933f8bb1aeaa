"""Judgements as columns of codes: coded once, checked once, and then only counted.

Rule that must stay true: the same judgements give the same columns, whoever coded them: names are sorted, each is used
by some row, and rows stand in the order of their source.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from moralgraph.algorithms.records.answers import ANSWERS, STORIES, Story

Codes = npt.NDArray[np.int64]
Probabilities = npt.NDArray[np.float64]

COLUMNS = (
    "participant", "first", "second", "context", "answer", "order", "story", "probability", "repeat",
)  # fmt: skip


class JudgementError(ValueError):
    """The columns do not describe judgements: the message names the row and what is wrong with it."""


@dataclass(frozen=True, eq=False)
class Judgements:
    """Judgements as columns of codes, one row a judgement, in the order of the source.

    Attributes
    ----------
    cards, contexts, participants
        The sorted names that the codes point into.
    participant, first, second, context
        Codes, shape (judgements,).
    answer
        Positions in `ANSWERS`, shape (judgements,).
    order
        The source's own position of each row, ascending.
    story
        Positions in `STORIES`, shape (judgements,).
    probability
        Probability with which the pair and its direction were drawn, above 0 and at most 1, shape (judgements,);
        NaN where it was not recorded.
    repeat
        How often the person had been asked about the pair before, 0 for a first answer, shape (judgements,).
    """

    cards: tuple[str, ...]
    contexts: tuple[str, ...]
    participants: tuple[str, ...]
    participant: Codes
    first: Codes
    second: Codes
    context: Codes
    answer: Codes
    order: Codes
    story: Codes
    probability: Probabilities
    repeat: Codes

    @classmethod
    def from_columns(
        cls,
        *,
        participant: Sequence[object],
        first: Sequence[object],
        second: Sequence[object],
        context: Sequence[object],
        answer: Sequence[str],
        order: Sequence[int] | None = None,
        story: Sequence[str] | None = None,
        probability: Sequence[float | None] | None = None,
        repeat: Sequence[int] | None = None,
    ) -> Self:
        """Code the columns of names; rows are put into the order of `order`, which defaults to as given.
        Without `story` and `probability` these were not recorded; without `repeat` every answer is a first one.

        Raises
        ------
        JudgementError
            If the columns differ in length, an answer or a story is unknown, a probability is none, or a card is
            compared with itself.

        Examples
        --------
        >>> judgements = Judgements.from_columns(
        ...     participant=["p1", "p2"], first=["a", "a"], second=["b", "b"],
        ...     context=["at work", "at work"], answer=["wiser", "cannot_judge"])
        >>> len(judgements), judgements.cards
        (2, ('a', 'b'))
        """
        _refuse_uneven(participant, first, second, context, answer, *_given(order, story, probability, repeat))
        rows = len(first)
        cards, ends = _coded([*first, *second])
        contexts, context_codes = _coded(context)
        participants, participant_codes = _coded(participant)
        return cls.from_codes(
            cards=cards,
            contexts=contexts,
            participants=participants,
            participant=participant_codes,
            first=ends[:rows],
            second=ends[rows:],
            context=context_codes,
            answer=_codes_of(answer, known=ANSWERS, what="answer"),
            order=None if order is None else np.asarray(order, dtype=np.int64),
            story=None if story is None else _codes_of(story, known=STORIES, what="story"),
            probability=None if probability is None else _as_probabilities(probability),
            repeat=None if repeat is None else np.asarray(repeat, dtype=np.int64),
        )

    @classmethod
    def from_codes(
        cls,
        *,
        cards: Sequence[str],
        contexts: Sequence[str],
        participants: Sequence[str],
        participant: Codes,
        first: Codes,
        second: Codes,
        context: Codes,
        answer: Codes,
        order: Codes | None = None,
        story: Codes | None = None,
        probability: Probabilities | None = None,
        repeat: Codes | None = None,
    ) -> Self:
        """Check columns that are coded already; names may come in any order, those that no row uses are left out.

        `cards`, `contexts` and `participants` are the distinct names that the codes point into; `answer` and `story`
        are positions in `ANSWERS` and `STORIES`.

        Raises
        ------
        JudgementError
            If the columns differ in length, a name is there twice, a code has no name, a probability is none, or a
            card is compared with itself.

        Examples
        --------
        >>> judgements = Judgements.from_codes(
        ...     cards=["b", "unused", "a"], contexts=["at work"], participants=["p"], answer=np.array([0]),
        ...     participant=np.array([0]), first=np.array([2]), second=np.array([0]), context=np.array([0]))
        >>> judgements.cards, judgements.first.tolist(), judgements.second.tolist()
        (('a', 'b'), [0], [1])
        """
        rows = len(first)
        columns: dict[str, Any] = {
            "participant": participant, "first": first, "second": second, "context": context, "answer": answer,
            "order": np.arange(rows) if order is None else order,
            "story": np.full(rows, STORIES.index(Story.UNKNOWN)) if story is None else story,
            "repeat": np.zeros(rows, dtype=np.int64) if repeat is None else repeat,
        }  # fmt: skip
        columns = {name: np.asarray(column, dtype=np.int64) for name, column in columns.items()}
        columns["probability"] = np.full(rows, np.nan) if probability is None else probability
        _refuse_uneven(*columns.values())
        return cls(**_checked(columns, cards=cards, contexts=contexts, participants=participants))

    def __len__(self) -> int:
        return int(self.first.size)

    def fingerprint(self) -> str:
        """Return the SHA-256 of names and columns, the same on every machine; `order` is in it as the order of rows.

        Examples
        --------
        >>> one, two = (Judgements.from_columns(
        ...     participant=[1], first=["a"], second=[second], context=["c"], answer=["wiser"]) for second in "bb")
        >>> one.fingerprint() == two.fingerprint()
        True
        """
        hashed = sha256(json.dumps([self.cards, self.contexts, self.participants, ANSWERS, STORIES]).encode())
        for name in COLUMNS:
            if name != "order":
                hashed.update(getattr(self, name).astype("<f8" if name == "probability" else "<i8").tobytes())
        return hashed.hexdigest()

    def select(self, rows: npt.NDArray[np.bool_] | Codes) -> Self:
        """Return the judgements of some rows, with the same names and codes."""
        return replace(self, **{name: getattr(self, name)[rows] for name in COLUMNS})

    def in_context(self, context: str) -> Self:
        """Return the judgements made in one context; none if the context is unknown."""
        if context not in self.contexts:
            return self.select(np.zeros(len(self), dtype=np.bool_))
        return self.select(self.context == self.contexts.index(context))


def _checked(
    columns: dict[str, Any], *, cards: Sequence[str], contexts: Sequence[str], participants: Sequence[str]
) -> dict[str, Any]:
    """Check every code, and return names and rows in their order."""
    _refuse_codes(columns["answer"], size=len(ANSWERS), what="answer")
    _refuse_codes(columns["story"], size=len(STORIES), what="story")
    _refuse_probabilities(columns["probability"])
    rows = columns["first"].size
    both = np.concatenate([columns["first"], columns["second"]])
    card_names, ends = _with_sorted_names(both, cards, rows=rows, what="card")
    columns["first"], columns["second"] = ends[:rows], ends[rows:]
    context_names, columns["context"] = _with_sorted_names(columns["context"], contexts, rows=rows, what="context")
    people, columns["participant"] = _with_sorted_names(
        columns["participant"], participants, rows=rows, what="participant"
    )
    _refuse_self_comparison(columns["first"], columns["second"], card_names)
    if (np.diff(columns["order"]) < 0).any():
        sorted_rows = np.argsort(columns["order"], kind="stable")
        columns = {name: column[sorted_rows] for name, column in columns.items()}
    return {"cards": card_names, "contexts": context_names, "participants": people, **columns}


def _with_sorted_names(codes: Codes, names: Sequence[str], *, rows: int, what: str) -> tuple[tuple[str, ...], Codes]:
    """Return the names that the codes use, sorted, and the codes into them."""
    if len(set(names)) < len(names):
        twice = next(name for number, name in enumerate(names) if name in names[:number])
        raise JudgementError(f"{what} {twice!r} is named twice; name every {what} once")
    _refuse_codes(codes, size=len(names), what=what, rows=rows)
    used = np.flatnonzero(np.bincount(codes, minlength=len(names))).tolist()
    in_order = sorted(used, key=names.__getitem__)
    code_of = np.zeros(len(names), dtype=np.int64)
    code_of[in_order] = np.arange(len(in_order))
    return tuple(names[code] for code in in_order), code_of[codes]


def _given(*columns: Any) -> list[Any]:
    return [column for column in columns if column is not None]


def _coded(names: Sequence[object]) -> tuple[tuple[str, ...], Codes]:
    if len(names) == 0:
        return (), np.zeros(0, dtype=np.int64)
    distinct, codes = np.unique(np.array([str(name) for name in names], dtype=object), return_inverse=True)
    return tuple(str(name) for name in distinct), codes.astype(np.int64).reshape(-1)


def _codes_of(names: Sequence[str], *, known: Sequence[str], what: str) -> Codes:
    codes = {str(name): code for code, name in enumerate(known)}
    unknown = next((row for row, name in enumerate(names) if str(name) not in codes), None)
    if unknown is not None:
        raise JudgementError(f"row {unknown}: {what} {names[unknown]!r} is unknown; use one of {', '.join(codes)}")
    return np.array([codes[str(name)] for name in names], dtype=np.int64)


def _as_probabilities(given: Sequence[float | None]) -> Probabilities:
    return np.array([np.nan if value is None else value for value in given], dtype=np.float64)


def _refuse_codes(codes: Codes, *, size: int, what: str, rows: int = 0) -> None:
    wrong = np.flatnonzero((codes < 0) | (codes >= size))
    if wrong.size:
        row = wrong[0] % rows if rows else wrong[0]
        raise JudgementError(f"row {row}: {what} code {codes[wrong[0]]} has no name; there are {size}")


def _refuse_probabilities(given: Probabilities) -> None:
    wrong = np.flatnonzero(~(np.isnan(given) | ((given > 0) & (given <= 1))))
    if wrong.size:
        raise JudgementError(f"row {wrong[0]}: {given[wrong[0]]} is no probability; give one above 0 and at most 1")


def _refuse_uneven(*columns: Sequence[object] | Codes | Probabilities) -> None:
    lengths = {len(column) for column in columns}
    if len(lengths) > 1:
        raise JudgementError(f"columns have different lengths {sorted(lengths)}; give every judgement every field")


def _refuse_self_comparison(first: Codes, second: Codes, cards: tuple[str, ...]) -> None:
    same = np.flatnonzero(first == second)
    if same.size:
        raise JudgementError(f"row {same[0]}: card {cards[first[same[0]]]!r} is compared with itself; leave it out")

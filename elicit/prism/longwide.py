"""The long form of conversations, one row an answer, and the wide form, one row an interaction.

Rule: rows of one interaction stay in the order of the file, which gives them the letters a to d.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from elicit.prism import ids
from elicit.prism.schema import LETTERS, UTTERANCES

Row = dict[str, Any]
INDEX = ("interaction_id", "conversation_id", "turn", "user_prompt", "user_id")
SPREAD = tuple(name for name in UTTERANCES.field_names if name not in INDEX)


class MixedInteraction(Exception):
    """Rows of one interaction are not beside each other, are too many, or do not agree on its columns."""


def utterances_of(conversation: Mapping[str, Any], *, number: int, first: int) -> Iterator[Row]:
    """Yield the utterances of a conversation: each answer with the prompt of its turn and what the conversation says.

    `number` is that of the first utterance, `first` that of the conversation's first interaction
    (`elicit.prism.ids.first_interactions`). Source: PRISM's release, long form.

    >>> user = {"turn": 0, "role": "user", "content": "Hello"}
    >>> model = {"turn": 0, "role": "model", "content": "Hi", "model_provider": "openai", "model_name": "gpt-4",
    ...          "score": 80, "if_chosen": True, "within_turn_id": 0}
    >>> talk = {"conversation_id": "c3", "user_id": "user1", "conversation_type": "unguided",
    ...         "conversation_history": [user, model], "included_in_balanced_subset": False}
    >>> row = next(utterances_of(talk, number=7, first=12))
    >>> row["utterance_id"], row["interaction_id"], row["user_prompt"], row["model_response"]
    ('ut7', 'int12', 'Hello', 'Hi')
    """
    prompt = ""
    for item in conversation["conversation_history"]:
        if item["role"] == "user":
            prompt = item["content"]
            continue
        yield {
            "utterance_id": ids.utterance_id(number),
            "interaction_id": ids.interaction_id(first + item["turn"]),
            "conversation_id": conversation["conversation_id"],
            "user_id": conversation["user_id"],
            "turn": item["turn"],
            "within_turn_id": item["within_turn_id"],
            "conversation_type": conversation["conversation_type"],
            "user_prompt": prompt,
            "model_response": item["content"],
            "model_name": item["model_name"],
            "model_provider": item["model_provider"],
            "score": item["score"],
            "if_chosen": item["if_chosen"],
            "included_in_balanced_subset": conversation["included_in_balanced_subset"],
        }
        number += 1


def long_form(conversations: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    """Yield the utterances of all conversations, numbered as in a release."""
    numbers = [ids.id_number(row["conversation_id"], "c") or 0 for row in conversations]
    starts = ids.first_interactions([row["conversation_turns"] for row in conversations], numbers)
    number = 0
    for row, first in zip(conversations, starts.tolist(), strict=True):
        for utterance in utterances_of(row, number=number, first=first):
            yield utterance
            number += 1


def wide_columns() -> tuple[str, ...]:
    """Return the 41 columns of the wide form: five of the interaction, nine for each of four letters.

    >>> len(wide_columns()), wide_columns()[5]
    (41, 'utterance_id_a')
    """
    return INDEX + tuple(f"{name}_{letter}" for name in SPREAD for letter in LETTERS)


def wide_form(utterances: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """Yield one row an interaction; columns of answers that were not given are None. Holds one interaction at a time.

    Raises MixedInteraction where an interaction has more than four answers, comes back after another one, or its rows
    disagree on prompt, turn, conversation or participant.
    """
    seen: set[str] = set()
    for interaction, group in groupby(utterances, key=lambda row: row["interaction_id"]):
        rows = list(group)
        if interaction in seen:
            raise MixedInteraction(f"{interaction} comes again after another interaction.")
        if len(rows) > len(LETTERS):
            raise MixedInteraction(f"{interaction} has {len(rows)} answers; four letters are not enough.")
        if any(row[name] != rows[0][name] for row in rows for name in INDEX):
            raise MixedInteraction(f"The rows of {interaction} disagree on its prompt, turn or owner.")
        seen.add(interaction)
        wide = dict.fromkeys(wide_columns()) | {name: rows[0][name] for name in INDEX}
        for letter, row in zip(LETTERS, rows, strict=False):
            wide |= {f"{name}_{letter}": row[name] for name in SPREAD}
        yield wide


def long_again(wide: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """Yield the utterances of wide rows again, in the official order of keys."""
    for row in wide:
        for letter in LETTERS:
            if row[f"utterance_id_{letter}"] is not None:
                cells = {name: row[name] for name in INDEX} | {name: row[f"{name}_{letter}"] for name in SPREAD}
                yield {name: cells[name] for name in UTTERANCES.field_names}

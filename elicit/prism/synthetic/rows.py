"""Rows of a synthetic release, in the official order of keys, one participant at a time.

Rule: conversations and utterances are written from the same values, so they cannot disagree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elicit.prism import ids
from elicit.prism.longwide import utterances_of
from elicit.prism.published import published, share_of
from elicit.prism.schema import (
    ATTRIBUTES,
    CONSENT,
    CONSENT_AGE,
    DATETIME,
    EMPTY,
    PREFERENCES,
    PUBLISHED_MODELS,
    TYPES,
    USE_CASES,
    Model,
    location,
    simplified_ethnicity,
    simplified_religion,
)
from elicit.prism.synthetic.dealing import bounded, lengths, mark
from elicit.prism.synthetic.minds import Minds, model_names
from elicit.prism.synthetic.people import People
from elicit.prism.synthetic.plan import Plan
from elicit.prism.synthetic.words import MARK, Words

Row = dict[str, Any]
SAME = ("lm_familiarity", "lm_indirect_use", "lm_direct_use", "lm_frequency_use")
ABOUT = ("age", "gender", "employment_status", "education", "marital_status", "english_proficiency", "study_id")


@dataclass(frozen=True)
class Talks:
    """What belongs to conversations beside their plan: times, feedback and lengths of texts, a place a conversation."""

    performance: NDArray[np.int64]  # conversations x 7; 0 is not applicable
    choice: NDArray[np.int64]
    seconds: NDArray[np.float64]
    feedback_length: NDArray[np.float64]
    opening_length: NDArray[np.float64]
    first_interaction: NDArray[np.int64]


def draw_talks(plan: Plan, rng: np.random.Generator) -> Talks:
    """Draw feedback, durations and lengths for every conversation."""
    facts, count = published(), len(plan.person)
    time, without = facts["times"]["conversations"], facts["conversations"]["without"]
    blocks = [
        _feedback(facts[block], share_of(without[block], whole=8011, total=count), count, rng)
        for block in ("performance", "choice")
    ]
    mean, sd, most = facts["texts"]["open_feedback"]
    opening = facts["texts"]["opening_prompt"]
    return Talks(
        performance=blocks[0],
        choice=blocks[1],
        seconds=lengths(
            time["mean_s"], time["sd_s"], least=time["least_s"], most=time["most_s"], size=count, rng=rng
        ).round(2),
        feedback_length=lengths(mean, sd, least=30, most=most, size=count, rng=rng),
        opening_length=lengths(opening[0], opening[1], least=24, most=opening[2], size=count, rng=rng),
        first_interaction=ids.first_interactions(plan.turns),
    )


def _feedback(table: dict[str, list[float]], lacking: int, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    drawn = [bounded(*table[name], least=1, most=100, size=count, rng=rng) for name in ATTRIBUTES]
    block = np.stack(drawn, axis=1)
    rows = np.flatnonzero(mark(lacking, count, rng))
    is_missing = rng.random((len(rows), len(ATTRIBUTES))) < 0.3
    is_missing[np.arange(len(rows)), rng.integers(0, len(ATTRIBUTES), len(rows))] = True
    block[rows] = np.where(is_missing, 0, block[rows])
    return block


def representative_flags(people: People, is_balanced: NDArray[np.bool_], rng: np.random.Generator) -> dict[str, Any]:
    """Mark the published number of people in the subsets of the US and the UK, among those who may be in them."""
    columns, flags = people.columns, {}
    for locale, count in published()["representative"].items():
        may = (columns["study_locale"] == locale) & np.isin(columns["gender"], ["Male", "Female"]) & is_balanced
        wanted = share_of(count, whole=1500, total=len(people))
        flags[locale] = np.zeros(len(people), dtype=bool)
        flags[locale][rng.permutation(np.flatnonzero(may))[:wanted]] = True
    return flags


def survey_row(people: People, person: int, plan: Plan, flags: dict[str, Any], words: Words) -> Row:
    """Return a participant's row of survey.jsonl."""
    columns = {name: column[person] for name, column in people.columns.items()}
    texts, completed, seconds = published()["texts"], int(plan.completed[person]), int(columns["seconds"])
    about, system = (words.length(*texts[name]) for name in ("self_description", "system_string"))
    row: Row = {
        "user_id": ids.user_id(person),
        "survey_only": completed == 0,
        "num_completed_conversations": completed,
        "consent": CONSENT,
        "consent_age": CONSENT_AGE,
    }
    row |= {name: columns[name] for name in SAME}
    row |= {"self_description": words.text("about", about), "system_string": words.text("system", system)}
    row |= {name: str(columns[name]) for name in ABOUT} | {"study_locale": columns["study_locale"]}
    for name, simplified in (("religion", simplified_religion), ("ethnicity", simplified_ethnicity)):
        category = columns[name]
        row[name] = {
            "self_described": columns[f"{name}_words"],
            "categorised": category,
            "simplified": simplified(category),
        }
    row["location"] = location(columns["birth"], columns["reside"])
    row |= _ticks_and_sliders(people, person, words)
    return row | {
        "generated_datetime": columns["recorded"].strftime(DATETIME),
        "timing_duration_s": seconds,
        "timing_duration_mins": round(seconds / 60, 2),
        "included_in_US_REP": bool(flags["us"][person]),
        "included_in_UK_REP": bool(flags["uk"][person]),
        "included_in_balanced_subset": bool(flags["balanced"][person]),
    }


def _ticks_and_sliders(people: People, person: int, words: Words) -> Row:
    shown = bool(people.is_shown[person])
    ticks: Row = {n: int(v) if shown else None for n, v in zip(USE_CASES, people.use_cases[person], strict=True)}
    ticks["other_text"] = words.text("follow_up", 46) if ticks["other"] else None
    sliders: Row = dict(zip(PREFERENCES, people.preferences[person].tolist(), strict=True))
    sliders["other_text"] = words.text("follow_up", 33) if people.columns["types_preference"][person] else None
    order = people.case_order[person].tolist() if shown else [None] * len(USE_CASES)
    return {
        "lm_usecases": ticks,
        "stated_prefs": sliders,
        "order_lm_usecases": dict(zip(USE_CASES, order, strict=True)),
        "order_stated_prefs": dict(zip(PREFERENCES, people.preference_order[person].tolist(), strict=True)),
    }


class Conversations:
    """Yields the conversations of one participant after the other, with their utterances."""

    def __init__(self, plan: Plan, minds: Minds, talks: Talks, words: Words) -> None:
        self._plan, self._minds, self._talks, self._words = plan, minds, talks, words
        by_name = {model.long_name: model for model in PUBLISHED_MODELS}
        self._models: list[Model] = [by_name[name] for name in model_names()]
        self._starts = np.concatenate(([0], np.cumsum(plan.completed)))
        self._last = datetime.strptime(published()["times"]["conversations"]["last"], DATETIME)  # noqa: DTZ007
        self._follow_up = published()["texts"]["user_prompt"]
        self._later = 0
        self._utterances = 0

    def of(self, person: int, began: datetime) -> Iterator[tuple[Row, list[Row]]]:
        """Yield a participant's conversations; call it once for every participant, in order."""
        clock = began + timedelta(seconds=420)
        for talk in range(int(self._starts[person]), int(self._starts[person + 1])):
            clock = min(self._last, clock + timedelta(seconds=round(float(self._talks.seconds[talk])) + 30))
            row = self._conversation(talk, person, clock)
            rows = list(utterances_of(row, number=self._utterances, first=int(self._talks.first_interaction[talk])))
            self._utterances += len(rows)
            yield row, rows

    def _conversation(self, talk: int, person: int, clock: datetime) -> Row:
        history = self._history(talk)
        seconds = float(self._talks.seconds[talk])
        return {
            "conversation_id": ids.conversation_id(talk),
            "user_id": ids.user_id(person),
            "conversation_type": TYPES[self._plan.kind[talk]],
            "opening_prompt": history[0]["content"],
            "conversation_turns": int(self._plan.turns[talk]),
            "conversation_history": history,
            "performance_attributes": _attributes(self._talks.performance[talk]),
            "choice_attributes": _attributes(self._talks.choice[talk]),
            "open_feedback": self._words.text("feedback", self._talks.feedback_length[talk]),
            "generated_datetime": clock.strftime(DATETIME),
            "timing_duration_s": seconds,
            "timing_duration_mins": round(seconds / 60, 2),
            "included_in_balanced_subset": bool(self._plan.is_balanced[talk]),
        }

    def _history(self, talk: int) -> list[Row]:
        minds, kind = self._minds, TYPES[self._plan.kind[talk]]
        history = [_user(0, self._words.question(kind, self._talks.opening_length[talk]))]
        winner = int(minds.winner[talk])
        for place in range(int(self._plan.answers[talk])):
            text = self._words.answer(minds.opening_length[talk, place], is_list=bool(minds.opening_list[talk, place]))
            score = int(minds.opening_score[talk, place])
            history.append(self._answer(0, place, text, score, place == winner, int(self._plan.models[talk, place])))
        model = int(self._plan.models[talk, winner])
        for turn in range(1, int(self._plan.turns[talk])):
            length = self._words.length(*self._follow_up)
            history.append(_user(turn, self._words.question("follow_up", length)))
            history += self._two_answers(turn, model)
        return history

    def _two_answers(self, turn: int, model: int) -> list[Row]:
        minds, place = self._minds, self._later
        self._later += 1
        texts = [
            EMPTY
            if minds.is_empty[place, side]
            else self._words.answer(minds.later_length[place, side], is_list=bool(minds.later_list[place, side]))
            for side in (0, 1)
        ]
        if minds.is_twin[place]:
            texts[1] = texts[0]
        scores = minds.later_score[place].tolist()
        best = texts[int(scores[1] > scores[0])]
        return [self._answer(turn, side, texts[side], scores[side], texts[side] == best, model) for side in (0, 1)]

    def _answer(self, turn: int, place: int, text: str, score: int, is_chosen: bool, model: int) -> Row:
        return {
            "turn": turn,
            "role": "model",
            "content": text,
            "model_provider": self._models[model].provider,
            "model_name": self._models[model].long_name,
            "score": score,
            "if_chosen": is_chosen,
            "within_turn_id": place,
        }


def _user(turn: int, text: str) -> Row:
    return {"turn": turn, "role": "user", "content": text}


def _attributes(values: NDArray[np.int64]) -> Row:
    return {name: int(value) or None for name, value in zip(ATTRIBUTES, values, strict=True)}


def model_rows() -> Iterator[Row]:
    """Yield the rows of models.jsonl."""
    for model in PUBLISHED_MODELS:
        yield {
            "long_name": model.long_name,
            "short_name": model.short_name,
            "longcode": model.longcode,
            "model_family": model.model_family,
            "model_provider": model.model_provider,
            "model_provider_type": model.model_provider_type,
            "model_type": model.model_type,
            "default_params": dict(model.selected_params),
            "selected_params": dict(model.selected_params),
            "header": f"{MARK} No model was asked anything for this release.",
            "link": "https://example.org/synthetic",
            "in_yaml": "Yes",
            "params_tested": "Yes",
            "endpoint_live": "Yes",
            "status": model.status,
        }

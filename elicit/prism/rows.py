"""Checks within one row: what follows from other fields of it.

Rule: they are asked only of rows whose fields are well on their own, so they may trust types.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from elicit.prism.files import Release
from elicit.prism.reports import shown
from elicit.prism.schema import (
    PREFERENCES,
    PROVIDER_SPELLINGS,
    PUBLISHED_MODELS,
    SIMPLIFIED_ETHNICITY,
    SIMPLIFIED_RELIGION,
    USE_CASES,
    location,
)

Row = Mapping[str, Any]
Say = Callable[[str, str, str], None]
EARLIEST = datetime(1900, 1, 1)  # noqa: DTZ001 - the times of a release name no zone; what began earlier is a mistake
NEAR = 0.0101  # minutes: durations are rounded to a hundredth
PROVIDER_OF = {model.long_name: model.provider for model in PUBLISHED_MODELS}


def check_survey(row: Row, release: Release, say: Say) -> None:
    """Check a participant's row."""
    if row["survey_only"] != (row["num_completed_conversations"] == 0):
        say("survey_only", "survey_only", "It must be true exactly where no conversation was completed.")
    _check_time(row, say)
    _check_coded(row, "religion", SIMPLIFIED_RELIGION, say)
    _check_coded(row, "ethnicity", SIMPLIFIED_ETHNICITY, say)
    _check_location(row["location"], say)
    _check_shown(row, release, say)
    _check_order(row["order_stated_prefs"], "order_stated_prefs", PREFERENCES, say)
    for country, locale in (("US", "us"), ("UK", "uk")):
        name = f"included_in_{country}_REP"
        may = (
            row["study_locale"] == locale and row["gender"] in ("Male", "Female") and row["included_in_balanced_subset"]
        )
        if row[name] and not may:
            say(
                name, "representative", f"Only women and men of the {locale} study in the balanced subset can be in it."
            )


def _check_time(row: Row, say: Say) -> None:
    seconds, minutes = row["timing_duration_s"], row["timing_duration_mins"]
    try:
        is_late_enough = (datetime.fromisoformat(row["generated_datetime"]) - EARLIEST).total_seconds() >= (
            seconds or 0
        )
    except ValueError:
        say("generated_datetime", "datetime", f"{shown(row['generated_datetime'])} is no time.")
    else:
        if not is_late_enough:
            say("generated_datetime", "datetime", f"It would have begun before {EARLIEST:%Y}.")
    if (seconds is None) != (minutes is None) or (seconds is not None and abs(seconds / 60 - minutes) > NEAR):
        say("timing_duration_mins", "duration", f"{shown(minutes)} minutes are not {shown(seconds)} seconds.")


def _check_coded(row: Row, name: str, simplified: Mapping[str, str], say: Say) -> None:
    category = row[name]["categorised"]
    if category is not None and row[name]["simplified"] != simplified[category]:
        say(f"{name}.simplified", "simplified", f"{category} is {simplified[category]} at this level.")


def _check_location(place: Row, say: Say) -> None:
    codes = place["birth_countryISO"], place["reside_countryISO"]
    if None in codes:
        return
    try:
        wanted = location(*codes)
    except (LookupError, KeyError):
        say("location", "country", f"{shown(codes)} are not codes of countries.")
        return
    for name, value in wanted.items():
        if place[name] is not None and place[name] != value:
            say(f"location.{name}", "country", f"{shown(place[name])} does not go with {shown(codes)}: {value}.")


def _check_shown(row: Row, release: Release, say: Say) -> None:
    shown_to = "Yes" in (row["lm_indirect_use"], row["lm_direct_use"])
    often, flags = row["lm_frequency_use"], [row["lm_usecases"][name] for name in USE_CASES]
    is_strict = release.vocabulary == "published"
    if (often is not None and not shown_to) or (often is None and shown_to and is_strict):
        say("lm_frequency_use", "shown_if", "It is asked of those alone who said Yes to direct or indirect use.")
    has_flags = any(flag is not None for flag in flags)
    if any(flag is None for flag in flags) and has_flags:
        say("lm_usecases", "all_or_none", "Either all flags have a value or none has.")
    elif (has_flags and not shown_to) or (not has_flags and shown_to and is_strict):
        say("lm_usecases", "shown_if", "They are asked of those alone who said Yes to direct or indirect use.")
    order = row["order_lm_usecases"]
    if any(order[name] is not None for name in USE_CASES):
        _check_order(order, "order_lm_usecases", USE_CASES, say)
    elif has_flags and is_strict:
        say("order_lm_usecases", "display_order", "There is no order although the question was shown.")


def _check_order(order: Row, path: str, names: tuple[str, ...], say: Say) -> None:
    if sorted(order[name] or 0 for name in names) != list(range(1, len(names) + 1)):
        say(path, "display_order", f"The places are not 1 to {len(names)}, each once.")
    elif order["other"] != len(names):
        say(f"{path}.other", "display_order", f'"other" is always shown last, at {len(names)}.')


def check_conversation(row: Row, release: Release, say: Say) -> bool:
    """Check a conversation's row; return whether its history can be held against the utterances."""
    _check_time(row, say)
    history = row["conversation_history"]
    turns: dict[int, list[Row]] = defaultdict(list)
    prompts: dict[int, str] = {}
    turn = -1
    for place, item in enumerate(history):
        if item["role"] == "user":
            turn += 1
            prompts[item["turn"]] = item["content"]
        else:
            turns[item["turn"]].append(item)
        if item["turn"] != turn:
            say(
                f"conversation_history[{place}].turn", "turn_order", f"This belongs to turn {turn}, not {item['turn']}."
            )
            return False
    if row["conversation_turns"] != len(prompts) or len(prompts) != len(turns):
        say(
            "conversation_turns", "turn_count", f"There are {len(prompts)} prompts and {len(turns)} turns with answers."
        )
    if prompts.get(0) != row["opening_prompt"]:
        say("opening_prompt", "opening_prompt", "It is not the first prompt of the history.")
    winner = _check_turn(0, turns[0], "", release, say)
    for number in sorted(turns.keys() - {0}):
        _check_turn(number, turns[number], winner, release, say)
    return True


def _check_turn(number: int, answers: list[Row], winner: str, release: Release, say: Say) -> str:
    """Check the answers of one turn; return the name of the chosen model."""
    path = f"conversation_history, turn {number}"
    if [answer["within_turn_id"] for answer in answers] != list(range(len(answers))):
        say(path, "within_turn_id", "The answers are not numbered from 0 in their order.")
    chosen = [answer for answer in answers if answer["if_chosen"]]
    if not chosen:
        say(path, "chosen", "No answer is chosen.")
        return ""
    if max(answer["score"] for answer in chosen) != max(answer["score"] for answer in answers):
        say(path, "best_is_chosen", "No chosen answer has the highest score.")
    if len(chosen) > 1 and (number == 0 or len({answer["content"] for answer in chosen}) > 1):
        say(
            path,
            "chosen",
            "Several answers are chosen; that happens on later turns alone, where their texts are equal.",
        )
    models = [answer["model_name"] for answer in answers]
    if release.vocabulary == "published":
        _check_models(number, answers, models, winner, say)
    return str(chosen[0]["model_name"])


def _check_models(number: int, answers: list[Row], models: list[str], winner: str, say: Say) -> None:
    path = f"conversation_history, turn {number}"
    if number == 0 and (len(set(models)) < len(models) or len(models) > 4):
        say(path, "opening_models", "A first turn has one to four answers, each of another model.")
    if number > 0 and models != [winner, winner]:
        say(path, "later_models", "A later turn has two answers of the model that was chosen first.")
    for answer in answers:
        if answer["model_provider"] != PROVIDER_OF.get(answer["model_name"]):
            say(path, "provider", f"{answer['model_name']} is not of {shown(answer['model_provider'])}.")


def check_model(row: Row, release: Release, say: Say) -> None:
    """Check a model's row."""
    for name in ("default_params", "selected_params"):
        if not all(type(value) in (str, int) for value in row[name].values()):
            say(name, "type", "Parameters are text, switches are 0 or 1.")
    provider = PROVIDER_OF.get(row["long_name"])
    if release.vocabulary == "published" and row["model_provider"] != PROVIDER_SPELLINGS.get(provider or ""):
        say("model_provider", "provider", f"{shown(row['long_name'])} is not of {shown(row['model_provider'])}.")


def check_flags(row: Row, say: Say) -> None:
    """Check a row of metadata: which ids it has, and that the English flag follows from the language."""
    column = row["column_id"]
    wanted = {
        "conversation_id": column in ("open_feedback", "user_prompt", "model_response"),
        "interaction_id": column in ("user_prompt", "model_response"),
        "utterance_id": column == "model_response",
    }
    for name, is_wanted in wanted.items():
        if (row[name] is not None) != is_wanted:
            say(name, "metadata_ids", f"A row of {column} has {'one' if is_wanted else 'none'}.")
    if row["en_flag"] != (row["language_flag"] == "en"):
        say("en_flag", "en_flag", f"It does not go with the language {shown(row['language_flag'])}.")

"""Tables for people: an evaluation as plain text.

Rule: a number never stands without its interval, and the lexical baseline stands in every table.
"""

from typing import Any

TITLES = {
    "unseen_prompts": "Prompts never seen in training",
    "unseen_values": "Values never seen in training (on unseen prompts)",
    "unseen_paraphrases": "Wordings never seen in training (on unseen prompts)",
}
WHO = (
    "model",
    "model, summed log-probability",
    "model, relative to untrained",
    "untrained",
    "lexical baseline",
)
COLUMNS = ("reversal", "anti_reversal", "directional", "interaction")


def tables(evaluation: dict[str, Any]) -> str:
    """Write an evaluation as text, one table a split."""
    made = f"recipe {evaluation['recipe']}, seed {evaluation['seed']}"
    lines = [f"{evaluation['kind'].capitalize()} of run {evaluation['run']} ({made})"]
    if evaluation["kind_reason"]:
        lines.append(evaluation["kind_reason"])
    if evaluation["labels"]:
        lines.append(f"Labels: {', '.join(evaluation['labels'])}.")
    lines.append("Intervals are 95 %, from the bootstrap over prompts or over values, whichever reaches further.")
    for name, title in TITLES.items():
        lines += ["", *_table(title, evaluation["splits"][name])]
    lines += ["", "Controls that were not run: " + "; ".join(evaluation["controls_not_run"]) + "."]
    return "\n".join(lines) + "\n"


def percent(result: dict[str, Any]) -> str:
    """Write a share with its interval.

    >>> percent({"value": 0.5, "by_prompt": [0.4, 0.6], "by_value": [0.3, 0.55]})
    '50.0 % (30.0 to 60.0)'
    """
    low, high = widest(result)
    return f"{100 * result['value']:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def nats(result: dict[str, Any]) -> str:
    """Write a difference of log-probabilities with its interval."""
    low, high = widest(result)
    return f"{result['value']:+.3f} ({low:+.3f} to {high:+.3f})"


def widest(result: dict[str, Any]) -> tuple[float, float]:
    """Return the interval that reaches furthest on each side."""
    return min(result["by_prompt"][0], result["by_value"][0]), max(result["by_prompt"][1], result["by_value"][1])


def control_lines(controls: dict[str, Any]) -> list[str]:
    """Write each control in a line, with what it expects."""
    shuffled, foreign = controls["shuffled_messages"], controls["foreign_messages"]
    empty, said_anew = controls["empty_message"], controls["paraphrase"]
    low, high = shuffled["null"]
    return [
        f"messages shuffled inside a block: R {100 * shuffled['reversal']:.1f} %, "
        f"R' {100 * shuffled['anti_reversal']:.1f} %, R - R' {100 * shuffled['net_reversal']:+.1f} "
        f"(95 % of shuffles {100 * low:+.1f} to {100 * high:+.1f}; expected 0); "
        f"unshuffled {100 * shuffled['observed']:+.1f}: {_holds(shuffled)}",
        f"messages of other blocks: directional {percent(foreign['directional'])} (expected 50), "
        f"D {nats(foreign['interaction'])} (expected 0), R {percent(foreign['reversal'])} (at most 25): "
        f"{_holds(foreign)}",
        f"empty message on one side: the other still moves the answer in {percent(empty['first_moves'])} "
        f"and {percent(empty['second_moves'])}",
        f"second message paraphrased: R {percent(said_anew['reversal'])}; margins move by {said_anew['shift']:.3f} "
        f"of {said_anew['effect']:.3f} nats a token",
    ]


def _table(title: str, split: dict[str, Any]) -> list[str]:
    counts = ", ".join(f"{split[name]} {name}" for name in ("blocks", "pairs", "prompts", "values"))
    heading = f"{title}: {counts}"
    widths = (32, 26, 26, 26, 30)
    names = ("", "reversal R", "anti-reversal R'", "directional", "D, nats a token")
    lines = [heading, _row(names, widths)]
    for name in WHO:
        results = split["results"][name]
        cells = [percent(results[column]) for column in COLUMNS[:3]] + [_interaction(name, results["interaction"])]
        lines.append(_row((name, *cells), widths))
    lines.append(f"Reversal: {split['verdict']}.")
    lines.append(f"Longest to shortest answer of a block, in words: {split['answer_length_ratio']:.2f} on average.")
    return lines + [f"  {line}" for line in control_lines(split["controls"])]


def _interaction(name: str, result: dict[str, Any]) -> str:
    return f"{nats(result)} cosine" if name == "lexical baseline" else nats(result)


def _row(cells: tuple[str, ...], widths: tuple[int, ...]) -> str:
    return " ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _holds(control: dict[str, Any]) -> str:
    return "holds" if control["holds"] else "DOES NOT HOLD"

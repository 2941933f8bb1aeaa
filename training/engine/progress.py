"""What a run tells those who watch it: `status.json`, `metrics.jsonl`, and obedience to SIGTERM.

Rule: `status.json` is always whole and `metrics.jsonl` only grows, one line at a time, so that a page can follow both
while the run goes on.
"""

import math
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from training.engine.errors import Cancelled, Diverged
from training.engine.files import canonical_json, write_json

State = Literal["preparing", "training", "saving", "finished", "cancelled", "failed"]
HEARTBEAT_SECONDS = 5.0


class Progress:
    """Writes a run's status and metrics. `step` counts over all stages, `total` is known from the start."""

    def __init__(self, folder: Path, *, total: int) -> None:
        self._folder = folder
        self._total = total
        self._done_before = 0
        self._began = time.monotonic()
        self._last_beat = 0.0
        self._step = 0
        self.stage = "preparing"
        self.tokens = 0
        self.asked_to_stop = False

    def begin_stage(self, name: str) -> None:
        """Start a stage where the last one ended."""
        self._done_before = self._step
        self.stage = name
        self.tell("training")

    def tell(self, state: State, *, message: str = "") -> None:
        """Replace `status.json`."""
        self._last_beat = time.monotonic()
        write_json(
            self._folder / "status.json",
            {
                "state": state,
                "stage": self.stage,
                "step": self._step,
                "total": self._total,
                "heartbeat": datetime.now(UTC).isoformat(timespec="seconds"),
                "message": message,
            },
        )

    def step(self, stage_step: int) -> None:
        """Count a step; the status is renewed every few seconds."""
        self._step = self._done_before + stage_step
        if time.monotonic() - self._last_beat > HEARTBEAT_SECONDS:
            self.tell("training")

    def measure(self, values: dict[str, float]) -> None:
        """Add a line to `metrics.jsonl`."""
        seconds = time.monotonic() - self._began
        line = {"step": self._step, "stage": self.stage, "seconds": round(seconds, 3), "tokens": self.tokens, **values}
        with (self._folder / "metrics.jsonl").open("a", encoding="utf-8", newline="\n") as file:
            file.write(canonical_json(line) + "\n")

    def check(self) -> None:
        """Raise Cancelled if somebody asked to stop."""
        if self.asked_to_stop:
            raise Cancelled("The run was asked to stop. Start it again in a new folder.")

    @contextmanager
    def obeying_signals(self) -> Iterator[None]:
        """Turn SIGTERM and Ctrl-C into a request to stop after the step in hand."""

        def ask(number: int, frame: FrameType | None) -> None:
            self.asked_to_stop = True

        before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class Reporting(TrainerCallback):
    """Hands what the Trainer logs to a Progress, and stops the Trainer on request or when the loss is no number."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._since = (time.monotonic(), progress.tokens)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> TrainerControl:
        """Count the step and stop if asked to."""
        self._progress.step(state.global_step)
        control.should_training_stop = control.should_training_stop or self._progress.asked_to_stop
        return control

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        """Write a line of metrics, or raise Diverged."""
        logs = logs or {}
        if "eval_loss" in logs:
            self._check(logs["eval_loss"])
            self._progress.measure({"validation_loss": logs["eval_loss"]})
        elif "loss" in logs:
            self._check(logs["loss"])
            self._progress.measure(
                {
                    "loss": logs["loss"],
                    "learning_rate": logs["learning_rate"],
                    "gradient_norm": float(logs["grad_norm"]) if math.isfinite(logs.get("grad_norm", 0.0)) else -1.0,
                    "tokens_per_second": self._rate(),
                }
            )

    def _rate(self) -> float:
        began, tokens = self._since
        now = time.monotonic()
        self._since = (now, self._progress.tokens)
        return round((self._progress.tokens - tokens) / max(now - began, 1e-9), 1)

    def _check(self, loss: float) -> None:
        if not math.isfinite(loss):
            raise Diverged(
                f"The loss of stage {self._progress.stage} is {loss}. Try a tenth of the learning rate, more "
                "warmup_steps, a smaller gradient_norm, or look for an extreme row in the data."
            )

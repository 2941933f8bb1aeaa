"""Turn texts into vectors whose cosine says how near they are in meaning.

Rule: which model does that is the server's `EMBEDDING_MODEL` alone; each batch is leased, settled and written down like
every other call. It is asked in jobs and commands, never while a page is being made, and outside transactions.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.core import checks

from elicit.llm.backends import Answer, ChatMessage, EmbeddingBackend, LastingFailure, PassingFailure, embedder_for
from elicit.llm.configuration import ConfiguredModel, model_named
from elicit.llm.ledger import CallContext
from elicit.llm.metering import MeteredCall
from elicit.llm.prompts import Prompt

LOCAL = "local:"
PROMPT_NAME = "embedding"
TEXTS_AT_ONCE = 64
MOST_TRIES = 3
FIRST_PAUSE_SECONDS = 1.0
LONGEST_NAME = 120

Vectors = npt.NDArray[np.float32]


def embedding_model() -> str:
    """Return the model in use, as it is named in the ledger and beside vectors; "" where words alone are compared."""
    name = settings.EMBEDDING_MODEL
    return f"{LOCAL}{name.rstrip('/').rpartition('/')[2]}"[:LONGEST_NAME] if name.startswith(LOCAL) else name


def embed(texts: Sequence[str], *, call: CallContext) -> Iterator[Vectors]:
    """Yield the vectors of the texts in batches, each of length 1, in their order.

    Raises
    ------
    LLMError
        When no model is set up, it did not answer, sent what are no vectors, or a spending cap is reached.
    """
    name = settings.EMBEDDING_MODEL
    local = name.removeprefix(LOCAL) if name.startswith(LOCAL) else ""
    model = ConfiguredModel(embedding_model()) if local else model_named(name)
    backend = embedder_for(model.name, local_path=local)
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        yield _embed_batch(list(texts[start : start + TEXTS_AT_ONCE]), model=model, backend=backend, call=call)


def check_embedding_model(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    """Say at start when EMBEDDING_MODEL names no model that there is."""
    name = settings.EMBEDDING_MODEL
    if not name or name.startswith(LOCAL) or name in settings.LLM_MODELS:
        return []
    return [
        checks.Error(
            f"EMBEDDING_MODEL names {name!r}, which LLM_MODELS lacks. Add it there, or name a folder as local:/path.",
            id="elicit.E010",
        )
    ]


def _embed_batch(texts: list[str], *, model: ConfiguredModel, backend: EmbeddingBackend, call: CallContext) -> Vectors:
    pause = FIRST_PAUSE_SECONDS
    for tries_left in reversed(range(MOST_TRIES)):
        try:
            return _embed_once(texts, model=model, backend=backend, call=call)
        except PassingFailure:
            if not tries_left:
                raise
        time.sleep(pause)
        pause *= 2
    raise AssertionError("The last try returns or raises.")


def _embed_once(texts: list[str], *, model: ConfiguredModel, backend: EmbeddingBackend, call: CallContext) -> Vectors:
    prompt = Prompt(tuple(ChatMessage("user", text) for text in texts), PROMPT_NAME)
    with MeteredCall(call, model=model, prompt=prompt) as metered:
        vectors, tokens = backend.embed(model.name, texts, seconds=settings.LLM_DEADLINE_SECONDS)
        metered.answer = Answer("", tokens, 0)
        found = _as_array(vectors)
        if found.ndim != 2 or len(found) != len(texts) or not np.isfinite(found).all():
            raise LastingFailure(f"{model.name} sent what are no vectors of these texts.")
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    return np.divide(found, lengths, out=np.zeros_like(found), where=lengths > 0)


def _as_array(vectors: Any) -> Vectors:
    """Return vectors as rows; what cannot be rows of numbers is an empty array."""
    try:
        return np.asarray(vectors, dtype=np.float32)
    except (TypeError, ValueError):
        return np.empty(0, dtype=np.float32)

"""Embed texts by a sentence-transformers model in a folder on this machine.

Rule: the library is imported when texts are embedded, in a worker or a command, and fetches nothing.
"""

import functools
from collections.abc import Sequence
from typing import Any

from elicit.llm.backends import LastingFailure


class LocalEmbedding:
    """Asks the model of one folder."""

    def __init__(self, path: str) -> None:
        self.path = path

    def embed(self, model_name: str, texts: Sequence[str], *, seconds: float) -> tuple[Any, int]:
        """Return a vector for each text. It costs nothing, so no tokens are counted."""
        return _model(self.path).encode(list(texts), show_progress_bar=False), 0


@functools.lru_cache(maxsize=1)
def _model(path: str) -> Any:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise LastingFailure(
            "EMBEDDING_MODEL names a folder, which takes sentence-transformers: pip install sentence-transformers."
        ) from error
    try:
        return SentenceTransformer(path, local_files_only=True)
    except (OSError, ValueError) as error:
        raise LastingFailure(f"The folder of EMBEDDING_MODEL ({path}) holds no sentence-transformers model.") from error

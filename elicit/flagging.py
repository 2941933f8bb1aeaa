"""Flag what an organizer may want to look at in a text: personal details, its language, what a model found.

Rule: a flag never stops, changes or hides anything, and it never repeats the words that it is about.
"""

import re
from typing import Any

from elicit.guided.privacy import address_in, known_name_in
from elicit.guided.script import words_for

MAKERS = "anthropic|openai|google|deepmind|meta|mistral|cohere|deepseek|alibaba|microsoft|xai|hugging ?face"
NAMES = "claude|chatgpt|gpt|gemini|bard|llama|mistral|mixtral|command|deepseek|qwen|copilot|grok|zephyr|falcon|phi"
SELF_NAMING = re.compile(
    rf"\b(?:i am|i'm|i’m|my name is|this is|call me|as)\s+(?:an? )?(?:{NAMES})\b"
    rf"|\b(?:made|built|created|trained|developed) by (?:{MAKERS})\b",
    re.IGNORECASE,
)


def checks_of(text: str, *, language: str) -> dict[str, Any]:
    """Return the flags of a text as it is stored: `pii`, a list of what was found, and the page's `language`.

    Examples
    --------
    >>> checks_of("Write to me at a.b@example.org", language="en")
    {'pii': ['address'], 'language': 'en'}
    >>> checks_of("How do I say no kindly?", language="en")
    {'pii': [], 'language': 'en'}
    """
    words = words_for(language)
    found = {"address": address_in(text, words), "name": known_name_in(text, words)}
    return {"pii": [kind for kind, where in found.items() if where], "language": language}


def names_itself(text: str) -> bool:
    """Say whether an answer tells which model, or whose, it is. Such answers are flagged, not hidden.

    Examples
    --------
    >>> names_itself("I'm Claude."), names_itself("I met Claude once.")
    (True, False)
    """
    return SELF_NAMING.search(text) is not None

"""What litellm knows about prices.

Rule: it is a suggestion for commands whose user sees it; calls for studies are charged by the server's settings alone.
"""

from elicit.llm.backends.litellm_backend import _litellm


def known_price(litellm_model: str) -> tuple[float, float] | None:
    """Return US dollars for a million input and output tokens, or None where litellm does not know them."""
    known = _litellm().model_cost
    entry = known.get(litellm_model) or known.get(litellm_model.partition("/")[2]) or {}
    asked, answered = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
    if asked is None or answered is None:
        return None
    return asked * 1_000_000, answered * 1_000_000

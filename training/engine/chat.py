"""One answer of a trained run, to see what it does.

Rule: the answer is greedy, so the same run gives the same words; it is a look, not a measurement.
"""

from pathlib import Path

import torch

from training.engine.errors import FileProblem
from training.engine.recipe import load_recipe
from training.engine.train import prepare_machine
from training.engine.weights import load_run_model


def answer(run: Path, *, system: str, prompt: str, most_tokens: int) -> str:
    """Return the most likely answer, token by token, to a prompt under a system message."""
    if not (run / "model").is_dir():
        raise FileProblem(f"{run} holds no model. Train it to the end first.")
    recipe = load_recipe(run / "recipe.yaml")
    prepare_machine(recipe)
    model, template = load_run_model(run / "model", max_length=recipe.max_length)
    tokens = torch.tensor([template.prefix(system, prompt=prompt)])
    room = recipe.max_length - tokens.shape[1]
    with torch.inference_mode():
        written = model.generate(
            input_ids=tokens,
            attention_mask=torch.ones_like(tokens),
            max_new_tokens=max(1, min(most_tokens, room)),
            do_sample=False,
            use_cache=True,
            pad_token_id=template.tokenizer.pad_token_id,
        )
    return str(template.tokenizer.decode(written[0, tokens.shape[1] :], skip_special_tokens=True))

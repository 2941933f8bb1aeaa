"""Where a model and its tokenizer come from and go to.

Rule: weights are read from safetensors only, code that comes with a model is never run, and the same recipe and texts
give the same first weights.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    set_seed,
)

from training.engine.errors import EngineError
from training.engine.recipe import Recipe, TinyModel
from training.engine.rows import CONTROL_TOKENS
from training.engine.templates import PADDING, ChatTemplate


def first_model(
    recipe: Recipe, *, texts: Sequence[str], models_folder: Path | None = None
) -> tuple[PreTrainedModel, ChatTemplate]:
    """Return the untrained model of a recipe and its chat template.

    Parameters
    ----------
    texts
        Texts of the training split; a tiny model's tokenizer is trained on them.
    models_folder
        Folder in which a recipe's model name is looked up before the hub.
    """
    if isinstance(recipe.model, TinyModel):
        template = ChatTemplate(_tiny_tokenizer(texts, size=recipe.model.vocabulary), max_length=recipe.max_length)
        return _tiny_model(recipe.model, template, recipe=recipe), template
    return _load(_source(recipe.model, models_folder), max_length=recipe.max_length)


def load_run_model(folder: Path, *, max_length: int) -> tuple[PreTrainedModel, ChatTemplate]:
    """Return the trained model of a run's `model` folder."""
    return _load(str(folder), max_length=max_length)


def save_model(model: PreTrainedModel, *, template: ChatTemplate, folder: Path) -> None:
    """Write weights as safetensors, with configuration, tokenizer and chat template, in one step."""
    temporary = folder.with_name(f".{folder.name}.writing")
    model.save_pretrained(temporary)
    template.tokenizer.save_pretrained(temporary)
    temporary.replace(folder)


def _tiny_tokenizer(texts: Sequence[str], *, size: int) -> PreTrainedTokenizerBase:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[PADDING, *CONTROL_TOKENS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=PADDING, eos_token=CONTROL_TOKENS[-1])


def _tiny_model(numbers: TinyModel, template: ChatTemplate, *, recipe: Recipe) -> PreTrainedModel:
    set_seed(recipe.seed)
    tokenizer = template.tokenizer
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=numbers.hidden,
        intermediate_size=numbers.feed_forward,
        num_hidden_layers=numbers.layers,
        num_attention_heads=numbers.heads,
        num_key_value_heads=numbers.heads,
        max_position_embeddings=recipe.max_length,
        tie_word_embeddings=True,
        initializer_range=numbers.hidden**-0.5,  # the library's 0.02 is for wide models and learns slower here
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        use_cache=False,
    )
    return LlamaForCausalLM(config)


def _source(name: str, models_folder: Path | None) -> str:
    if models_folder is None:
        return name
    local = (models_folder / name).resolve()
    if not local.is_relative_to(models_folder.resolve()):
        raise EngineError(f"model {name!r} leads out of {models_folder}. Put the model into that folder.")
    return str(local) if local.is_dir() else name


def _load(source: str, *, max_length: int) -> tuple[PreTrainedModel, ChatTemplate]:
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
        model = AutoModelForCausalLM.from_pretrained(
            source, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
        )
    except (OSError, ValueError) as error:
        raise EngineError(
            f"model {source!r} cannot be loaded: {error}. "
            "Give a folder of safetensors, or a hub name with HF_HUB_OFFLINE unset."
        ) from error
    template = ChatTemplate(tokenizer, max_length=max_length)
    if len(template.tokenizer) > model.get_input_embeddings().weight.shape[0]:
        model.resize_token_embeddings(len(template.tokenizer))
    return model, template

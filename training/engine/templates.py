"""The one chat template: how a system message, a prompt and an answer become tokens.

Rule: training, evaluation and serving go through `ChatTemplate`. The system message has a role of its own, the end
token belongs to the answer, and text can never write a control token.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from training.engine.errors import BadRow, EngineError
from training.engine.rows import CONTROL_TOKENS

SYSTEM, USER, ASSISTANT, END = CONTROL_TOKENS
PADDING = "<|pad|>"
IGNORED = -100  # the label of a token that carries no loss
JINJA = (
    "{% for message in messages %}{% if message['role'] == 'assistant' %}{{ '<|assistant|>' }}"
    "{% generation %}{{ message['content'] + '<|end|>' }}{% endgeneration %}"
    "{% else %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
SAMPLE = ("Attend to: time.", "Why?\nTell me.", " Because: it — matters. ")


@dataclass(frozen=True)
class Encoded:
    """Tokens of a row; `answer_from` is the place of the first token that carries loss."""

    tokens: tuple[int, ...]
    answer_from: int

    @property
    def labels(self) -> list[int]:
        """The tokens with everything before the answer ignored."""
        return [IGNORED] * self.answer_from + list(self.tokens[self.answer_from :])


class ChatTemplate:
    """Encodes rows for one tokenizer.

    Parameters
    ----------
    tokenizer
        Gets the control tokens and the template if it lacks them. A model that uses it must resize its embeddings then.
    max_length
        Rows with more tokens are refused, never cut.

    Raises
    ------
    EngineError
        The tokenizer writes these tokens differently when it applies the template itself.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, *, max_length: int) -> None:
        self.tokenizer = tokenizer
        self.max_length = max_length
        install(tokenizer)
        self._system, self._user, self._assistant, self._end = tokenizer.convert_tokens_to_ids(list(CONTROL_TOKENS))
        self._check()

    def prefix(self, system: str, *, prompt: str) -> list[int]:
        """Return the tokens up to where the answer begins."""
        return [
            *(self._system, *self.text(system), self._end),
            *(self._user, *self.text(prompt), self._end, self._assistant),
        ]

    def text(self, text: str) -> list[int]:
        """Return the tokens of plain text; control tokens written in it are only letters."""
        return list(self.tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"])

    def join(self, prefix: Sequence[int], *, answer: Sequence[int], place: str) -> Encoded:
        """Put a prefix and an answer together and end it, or raise BadRow if it is too long."""
        tokens = (*prefix, *answer, self._end)
        if len(tokens) > self.max_length:
            limit = f"max_length {self.max_length}"
            raise BadRow(f"{place}: {len(tokens)} tokens, more than {limit}. Shorten the row or raise it.")
        return Encoded(tokens, len(prefix))

    def encode(self, system: str, *, prompt: str, answer: str, place: str) -> Encoded:
        """Return the tokens of one row."""
        return self.join(self.prefix(system, prompt=prompt), answer=self.text(answer), place=place)

    def _check(self) -> None:
        system, prompt, answer = SAMPLE
        theirs = self.tokenizer.apply_chat_template(
            conversation(system, prompt=prompt, answer=answer), tokenize=True, return_dict=True
        )["input_ids"]
        if tuple(theirs) != self.encode(system, prompt=prompt, answer=answer, place="sample").tokens:
            raise EngineError("This tokenizer does not keep text apart from control tokens. Use another model.")


def conversation(system: str, *, prompt: str, answer: str | None = None) -> list[dict[str, str]]:
    """Write a row as the list of messages that tokenizers and servers take."""
    messages = [{"role": "system", "content": system}, {"role": "user", "content": prompt}]
    return messages if answer is None else [*messages, {"role": "assistant", "content": answer}]


def install(tokenizer: PreTrainedTokenizerBase) -> None:
    """Give a tokenizer the template, its control tokens and a padding token."""
    known = tokenizer.get_vocab()
    missing = [token for token in CONTROL_TOKENS if token not in known]
    if missing:
        tokenizer.add_special_tokens({"additional_special_tokens": missing}, replace_additional_special_tokens=False)
    if tokenizer.pad_token is None:
        tokenizer.add_special_tokens({"pad_token": PADDING})
    tokenizer.eos_token = END
    tokenizer.chat_template = JINJA

"""What a release tells of people's words.

Rule: words that were lent, not given, and words that a release is asked to leave out, are EMPTY STRING in every file,
with the models' answers to them, which repeat them. In a generalised release contact data is taken out of what stays,
also where a model repeats it. What programs wrote says so.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from elicit.prism.generalised_rows import without_contacts, without_words
from elicit.prism.schema import EMPTY
from elicit.prism.synthetic.words import MARK


@dataclass(frozen=True)
class Words:
    """The words of one conversation: a prompt and some answers a turn, and what was said at the end."""

    prompts: Sequence[str]
    answers: Sequence[Sequence[str]]
    feedback: str


@dataclass(frozen=True)
class Texts:
    """How words are treated; `counted` says of how many texts what was done to them."""

    keeps: bool
    takes_out_contacts: bool
    wordless: frozenset[int] = frozenset()
    counted: Counter[str] = field(default_factory=Counter)

    def of_conversation(self, words: Words, *, person: int, is_synthetic: bool) -> Words:
        """Return the words of a conversation as they are released."""
        if not self.keeps or person in self.wordless:
            return self._emptied(words)
        taken: list[str] = []
        prompts = [self._said(prompt, taken, is_synthetic=is_synthetic) for prompt in words.prompts]
        feedback = self._said(words.feedback, taken, is_synthetic=is_synthetic)
        answers = [[without_words(text, taken) or EMPTY for text in turn] for turn in words.answers]
        return Words(prompts, answers, feedback)

    def of_answer(self, text: str, *, person: int, is_synthetic: bool) -> str:
        """Return an answer in free text as it is released."""
        if not self.keeps or person in self.wordless:
            self.counted["texts left out"] += text != EMPTY
            return EMPTY
        return self._said(text, [], is_synthetic=is_synthetic)

    def _emptied(self, words: Words) -> Words:
        self.counted["texts left out"] += len(words.prompts) + 1 + sum(map(len, words.answers))
        return Words([EMPTY] * len(words.prompts), [[EMPTY] * len(turn) for turn in words.answers], EMPTY)

    def _said(self, text: str, taken: list[str], *, is_synthetic: bool) -> str:
        if not text or text == EMPTY:
            return EMPTY
        if self.takes_out_contacts:
            text, found = without_contacts(text)
            taken += found
            self.counted["texts with contact data taken out"] += bool(found)
        is_marked = not is_synthetic or text.startswith(MARK)
        return text if is_marked else f"{MARK} {text}"

"""Read an answer's style off its text, so that one can ask how much of a ranking is style.

The features are those of PRISM's regressions (section 6.5). The phrases are our own, English, and written to be read
and changed; they count what an answer says, not what it means: an answer that quotes a refusal counts as one.

Rule that must stay true: a feature is a fact about the text alone. Style is not noise: people may rightly prefer a
longer answer, so a style-controlled ranking answers another question and replaces none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from elicit.analysis.ratings import Floats, Ratings
from elicit.analysis.regression import ControlledMeans, Regression, controlled_means, fit_ols

# Patterns of small letters, each from the start of a word.
DE_ANTHROPOMORPHIC = (
    r"as an? (?:ai|artificial intelligence|(?:large )?language model|chat ?bot|machine|computer program|assistant)\b",
    r"i(?:'m| am) (?:just |only |merely |simply )?an? (?:ai|artificial intelligence|(?:large )?language model"
    r"|chat ?bot|machine|computer program|virtual assistant|bot)\b",
    r"i(?:'m| am) not (?:a (?:human|person|real person)|human|conscious|sentient|alive)\b",
    r"i (?:do not|don't|cannot|can't) (?:have|hold|possess|experience|feel|form) (?:any )?(?:personal |my own |real "
    r"|human )?(?:feelings?|emotions?|opinions?|beliefs?|preferences?|experiences?|consciousness|views?|a body)\b",
    r"i (?:lack|have no) (?:any )?(?:personal |human |real )?(?:feelings?|emotions?|opinions?|beliefs?|preferences?"
    r"|experiences?|consciousness|views?|body)\b",
)
REFUSAL = (
    r"i(?:'m| am) (?:sorry|afraid),? (?:but )?(?:i )?(?:cannot|can't|can not|am unable|am not able|won't|will not)\b",
    r"i(?:'m| am) (?:unable|not able|not allowed|not permitted|not comfortable|not in a position)\b",
    r"i (?:cannot|can't|can not|won't|will not|must decline to|would rather not|prefer not to) (?:help|assist|answer"
    r"|discuss|comment|engage|provide|offer|take (?:a |any )?(?:side|position|stance)|share|give|respond|continue)\b",
    r"i (?:must|have to) (?:decline|refuse)\b",
    r"(?:it (?:is|would be)|it's) not appropriate (?:for me )?to\b",
    r"can(?:no|')t (?:fulfil+|comply with|complete) (?:that|this|your)\b",
    r"(?:let's|can we|could we|shall we) (?:talk about something else|change the (?:topic|subject))\b",
)
SELF_NAMES = (
    r"i(?:'m| am) (?:chatgpt|gpt-?\w*|claude|bard|gemini|palm|llama|mistral|mixtral|zephyr|falcon|luminous|coral"
    r"|command|pythia|guanaco|deepseek|qwen|grok)\b",
    r"my name is (?:chatgpt|claude|bard|gemini|llama|mistral|zephyr|falcon|luminous|coral|command|grok)\b",
    r"(?:made|created|developed|trained|built|designed|powered) by (?:the team at |researchers at )?(?:openai"
    r"|anthropic|google|meta(?: ai)?|mistral(?: ai)?|cohere|aleph alpha|hugging ?face|eleuther(?: ?ai)?|deepseek"
    r"|alibaba|microsoft|xai|tii|technology innovation institute)\b",
)

ENUMERATED = re.compile(r"^[ \t]*(?:\d{1,2}[.)]|[-*•])[ \t]+\S", re.MULTILINE)
LEAST_ENUMERATED = 2  # one such line is a dash or a date, two are a list
APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'"})


def _any_of(phrases: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(phrases)})")


PHRASES = {
    "de_anthropomorphic": _any_of(DE_ANTHROPOMORPHIC),
    "refusal": _any_of(REFUSAL),
    "self_identification": _any_of(SELF_NAMES),
}
FEATURES = ("length", "line_breaks", "question", "enumeration", *PHRASES)


@dataclass(frozen=True)
class Styles:
    """Features of answers: `values` has shape (answers, features), columns as in `names`.

    `length` counts characters; every other feature is 0 or 1.
    """

    names: tuple[str, ...]
    values: Floats

    def shares(self) -> dict[str, float]:
        """Return the mean of every feature: a share of the answers, for `length` the mean number of characters."""
        return {name: float(share) for name, share in zip(self.names, self.values.mean(axis=0), strict=True)}


def styles_of(texts: Sequence[str]) -> Styles:
    """Return the style features of each text.

    Examples
    --------
    >>> found = styles_of(["As an AI, I don't have feelings.\\nShall we go on?", "1. Rest\\n2. Read"])
    >>> dict(zip(found.names, found.values[0].tolist()))["de_anthropomorphic"], found.values[1].tolist()
    (1.0, [15.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0])
    """
    return Styles(FEATURES, np.array([_features(text) for text in texts], dtype=np.float64).reshape(-1, len(FEATURES)))


def _features(text: str) -> list[float]:
    plain = text.lower().translate(APOSTROPHES)
    return [
        float(len(text)),
        float("\n" in text.strip()),
        float(text.rstrip().endswith(("?", "؟", "？"))),
        float(len(ENUMERATED.findall(text)) >= LEAST_ENUMERATED),
        *(float(pattern.search(plain) is not None) for pattern in PHRASES.values()),
    ]


def score_by_style(ratings: Ratings, styles: Styles) -> Regression:
    """Regress scores on style with a constant, errors clustered by person.

    Features that are the same in every answer, or made up of others, are left out. Row n of `styles`
    belongs to row n of `ratings`. Source: PRISM's regressions of score on format and phrases (6.5).
    """
    varied = _varied(styles)
    columns = np.column_stack([np.ones(len(ratings)), varied.values])
    return fit_ols(ratings.score, columns, ["const", *varied.names], cluster=ratings.participant)


def style_controlled_means(ratings: Ratings, styles: Styles) -> ControlledMeans:
    """Return models' effects on the score among answers alike in style, against the mean model."""
    varied = _varied(styles)
    return controlled_means(
        ratings.score, ratings.model, ratings.models, varied.values, varied.names, cluster=ratings.participant
    )


def _varied(styles: Styles) -> Styles:
    """Return the features that differ between answers and are no sum of features before them."""
    if not len(styles.values):
        raise ValueError("There is no answer yet whose style could be read.")
    kept: list[int] = []
    for at in np.flatnonzero(np.ptp(styles.values, axis=0) > 0).tolist():
        together = np.atleast_2d(np.corrcoef(styles.values[:, [*kept, at]], rowvar=False))
        if np.linalg.matrix_rank(together, hermitian=True) > len(kept):
            kept.append(at)
    return Styles(tuple(styles.names[at] for at in kept), styles.values[:, kept])

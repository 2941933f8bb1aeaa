"""The interview that needs no language model: questions that follow what was said, and a card from the person's words.

Rule: it says that it is a computer, asks one thing a turn, and puts no words into the card that the person did not
write, except for the few that open a line.
"""

from elicit.guided.answerers import OFFLINE_MODELS, UnknownOfflineModel, answer
from elicit.guided.checking import CardWarning, check_card
from elicit.guided.distress import hears_distress
from elicit.guided.drafting import CardDraft, draft_card
from elicit.guided.engine import GuidedTurn, InterviewIsOver, ask_what_is_missing, next_question
from elicit.guided.said import Said, is_over
from elicit.guided.script import STAGES, languages
from elicit.guided.wording import Evidence, find_quote

__all__ = [
    "OFFLINE_MODELS",
    "STAGES",
    "CardDraft",
    "CardWarning",
    "Evidence",
    "GuidedTurn",
    "InterviewIsOver",
    "Said",
    "UnknownOfflineModel",
    "answer",
    "ask_what_is_missing",
    "check_card",
    "draft_card",
    "find_quote",
    "hears_distress",
    "is_over",
    "languages",
    "next_question",
]

"""The interview that needs no language model: a script that follows what was said, and a card from the person's words.

Rule: it says that it is a computer, asks one thing a turn, and puts no words into the card that the person did not
write, except for the few that open a line.
"""

from elicit.guided.answerers import OFFLINE_MODELS, UnknownOfflineModel, answer
from elicit.guided.checking import CardWarning, check_card
from elicit.guided.drafting import CardDraft, Evidence, draft_card
from elicit.guided.engine import GuidedTurn, InterviewIsOver, Said, is_over, next_question
from elicit.guided.script import STAGES

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
    "check_card",
    "draft_card",
    "is_over",
    "next_question",
]

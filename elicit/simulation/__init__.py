"""Simulated people, to try a study out before anyone is asked.

Rule: what they do is marked simulated and never counted as what people did.
"""

from elicit.simulation.behaviour import CardWords, answer_interview, edit_card, judge, rate, survey_answers
from elicit.simulation.personas import Persona, crowd, load_personas

__all__ = [
    "CardWords",
    "Persona",
    "answer_interview",
    "crowd",
    "edit_card",
    "judge",
    "load_personas",
    "rate",
    "survey_answers",
]

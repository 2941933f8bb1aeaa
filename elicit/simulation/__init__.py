"""Simulated people, to try a study out before anyone is asked.

Rule: what they do is marked simulated and never counted as what people did.
"""

from elicit.simulation.behaviour import answer_interview, edit_card, judge, rate, survey_answers
from elicit.simulation.personas import Persona, load_personas

__all__ = ["Persona", "answer_interview", "edit_card", "judge", "load_personas", "rate", "survey_answers"]

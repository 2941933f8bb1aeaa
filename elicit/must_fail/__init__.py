"""What the site must refuse, tried one by one through its pages: `run_all` names whatever got through.

Rule: everything is tried in a study of its own, by simulated people, and nothing of it is left behind.
"""

from elicit.must_fail.cases import CASES
from elicit.must_fail.probing import Outcome, run_all

__all__ = ["CASES", "Outcome", "run_all"]

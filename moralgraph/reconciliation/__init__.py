"""Put all cards of a study together at once, in versions that organizers can correct, compare and restore.

Rule: nobody's confirmed card changes and no judgement is rewritten. A version says which canonical card stands for
which card; the same cards, constraints and verdicts give the same version, in whichever order they came.
"""

"""Census margins as cited data: who lives in a country, against which a sample is compared and weighted.

Rule: every number names its publisher, table, date and licence, and says when it is an estimate. A table that is known
to be wrong is kept only under a name that says so, and carries its warning.
"""

from elicit.analysis.census.targets import CensusTarget, Source, available_targets, census_target

__all__ = ["CensusTarget", "Source", "available_targets", "census_target"]

"""Release a study in the form of PRISM: the five files, other forms of them, a codebook, a data card, checksums.

Rule: only what was granted for publication leaves, people are made alike unless somebody answers for handing them out
as they are, and a folder is there whole and valid or not at all.
"""

from elicit.prism_export.asking import Asked, ReleaseRefused
from elicit.prism_export.releasing import Exported, export_prism

__all__ = ["Asked", "Exported", "ReleaseRefused", "export_prism"]

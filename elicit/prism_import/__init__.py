"""Take in a release in the form of PRISM as a closed study of its own.

Rule: a release is checked whole before anything is written, and written in one transaction. Its participants are marked
imported, or simulated where it says that it is synthetic, and they granted what whoever imports it says they granted.
"""

from elicit.prism_import.importing import Imported, import_prism
from elicit.prism_import.reading import InvalidRelease

__all__ = ["Imported", "InvalidRelease", "import_prism"]

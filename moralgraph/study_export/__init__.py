"""Hand out a whole study as a folder: what was shown, judged, merged and built, for whoever checks or reuses it.

Rule: only what was granted for the purpose leaves, under codes that fit no other release, and a folder is there whole
or not at all.
"""

from moralgraph.study_export.asking import Asked, ExportRefused
from moralgraph.study_export.writing import Exported, export_study

__all__ = ["Asked", "ExportRefused", "Exported", "export_study"]

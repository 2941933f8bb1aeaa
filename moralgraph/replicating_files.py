"""Write what was rebuilt from an exported folder.

Rule: the folder is there whole or not at all, and holds nothing that was not rebuilt or taken as it stands.
"""

import json
from pathlib import Path
from typing import Any

from elicit.prism_export.folders import whole_or_not
from moralgraph.replicating import NotReplicated, Replica
from moralgraph.replicating_report import FILE, RebuiltReport


def write_replica(replica: Replica, folder: Path, *, report: RebuiltReport | None = None) -> None:
    """Write the rebuilt snapshot, and the report with its figures, into a folder that is not there yet.

    Raises
    ------
    NotReplicated
        When there is such a folder already.
    """
    with whole_or_not(folder, NotReplicated) as partial:
        _write(partial / "snapshot.json", replica.snapshot)
        if report is not None:
            _write(partial / FILE, report.content)
            (partial / "figures").mkdir()
            for name, drawn in report.figures.items():
                (partial / "figures" / name).write_text(drawn, "utf-8")


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n", "utf-8")

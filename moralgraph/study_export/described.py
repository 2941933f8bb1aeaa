"""What describes an export: the design, the prompts, the versions of software, the snapshot and the page to read first.

Rule: the description is made from what was written, so that it cannot differ from it.
"""

import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from elicit.consent import consent_words
from elicit.llm.prompts import ROLES, prompt_hash
from elicit.models import StudyVersion
from elicit.versions import canonical_json
from moralgraph.consented import labels_for
from moralgraph.models import Report, Snapshot
from moralgraph.study_export.people import Release
from moralgraph.study_export.tables import Table

FORMAT = "wellspring-study"
FORMAT_VERSION = 1
PACKAGES = ("Django", "numpy", "scipy", "networkx", "pydantic", "litellm", "PyYAML")
PROMPT_COLUMNS = {
    "name": "Name of the prompt.",
    "hash": "SHA-256 of its templates, as it stands beside what a model wrote.",
    "role": "system or user.",
    "text": "The template.",
}


def prompts() -> Iterator[dict[str, Any]]:
    """Yield the templates of every prompt, as they are now."""
    folder = Path(settings.BASE_DIR) / "templates" / "prompts"
    for path in sorted(each for each in folder.iterdir() if each.is_dir()):
        for role in ROLES:
            if (path / f"{role}.md").exists():
                text = (path / f"{role}.md").read_text("utf-8")
                yield {"name": path.name, "hash": prompt_hash(path.name), "role": role, "text": text}


def software(code_version: str) -> dict[str, Any]:
    """Return the versions of what a rebuild depends on."""
    return {"python": platform.python_version(), "algorithms": code_version, **dict(_packages())}


def _packages() -> Iterator[tuple[str, str]]:
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def snapshot_record(snapshot: Snapshot) -> dict[str, Any]:
    """Return a snapshot as `snapshot.json` holds it."""
    return {
        "number": snapshot.number,
        "method": snapshot.method,
        "parameters": snapshot.parameters,
        "inputs_hash": snapshot.inputs_hash,
        "code_version": snapshot.code_version,
        "content": snapshot.content,
    }


def report_record(release: Release) -> dict[str, Any] | None:
    """Return the newest report of this snapshot as `report.json` holds it; None where none stands."""
    standing = Report.objects.of_study(release.study).filter(snapshot=release.snapshot, withdrawn_at=None)
    report = standing.order_by("-number").first()
    if report is None:
        return None
    at = report.published_at.isoformat() if report.published_at else None
    return {
        "number": report.number, "published_at": at, "introduction": report.introduction,
        "content": report.content, "content_hash": report.content_hash,
    }  # fmt: skip


def design_files(release: Release) -> dict[str, bytes]:
    """Return each version's design by its path, in the bytes that its fingerprint is made of."""
    return {f"design/version_{each.number}.json": canonical_json(each) for each in _versions(release)}


def study_record(release: Release, counts: Mapping[str, int]) -> dict[str, Any]:
    """Return what `study.json` says of the whole folder."""
    study, asked = release.study, release.asked
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "name": asked.name,
        "study": study.slug,
        "title": study.title,
        "purpose": asked.purpose,
        "origins": list(release.origins),
        "labels": labels_for(study, origins=release.origins),
        "versions": [{"number": each.number, "design_hash": each.design_hash} for each in _versions(release)],
        "rows": dict(counts),
        "withheld": {reason: count for reason, count in sorted(release.withheld.items()) if count},
    }


def readme(release: Release, tables: list[Table], record: Mapping[str, Any]) -> str:
    """Return the page to read first."""
    context = {
        "release": release,
        "record": record,
        "tables": [(table.name, table.meaning, record["rows"][table.name]) for table in tables],
        "snapshot": release.snapshot,
        "is_public": release.asked.is_public,
        "consent_words": consent_words(release.study, purpose=release.asked.purpose),
        "design": release.study.current_version.design,
    }
    return render_to_string("moralgraph/study_export_readme.txt", context)


def _versions(release: Release) -> list[StudyVersion]:
    return list(release.study.versions.order_by("number"))

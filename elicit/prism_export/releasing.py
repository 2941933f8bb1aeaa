"""The verb: gather, write, check, and put the folder in its place."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from elicit.consent import consent_words
from elicit.csv_files import csv_lines
from elicit.instruments import load_instrument
from elicit.models import Study
from elicit.prism.codebook import HEADER, codebook_lines
from elicit.prism.data_card import NAME, data_card, one_line, vendors_of
from elicit.prism.files import (
    FORMAT,
    FORMAT_VERSION,
    Release,
    read_lines,
    write_checksums,
    write_csv,
    write_parquet,
    write_release,
)
from elicit.prism.generalised_rows import FOR_EVERYBODY
from elicit.prism.generalising import QUASI_IDENTIFIERS, Generalised, classes, diversity, smallest_class
from elicit.prism.longwide import wide_form
from elicit.prism.schema import FILES, LETTERS
from elicit.prism.validation import validate
from elicit.prism_export import extras
from elicit.prism_export.asking import Asked, ReleaseRefused, check_asked
from elicit.prism_export.folders import METADATA, lines_in, whole_or_not
from elicit.prism_export.people import INSTRUMENT, PURPOSE, choose_people, imported_facts, may_be_released
from elicit.prism_export.talks import choose_talks
from elicit.prism_export.texts import Texts
from elicit.prism_export.vendors import model_rows
from elicit.prism_export.writing import Content, write_rows

SYNTHETIC_NOTE = "SYNTHETIC. No person said, wrote, rated or agreed to anything in this folder.\n"
FIRST_PROBLEMS = 5


@dataclass(frozen=True)
class Exported:
    """What was released: the folder, how many rows each file has, and what was left out, by reason."""

    folder: Path
    counts: Mapping[str, int]
    left_out: Mapping[str, int]
    k: int | None


def export_prism(study: Study, folder: Path, asked: Asked, *, now: datetime) -> Exported:
    """Release a study into a folder that is not there yet.

    Raises
    ------
    ReleaseRefused
        When it is not allowed, nobody can be released, or the result would not be valid; no folder is left then.
    """
    check_asked(asked)
    content = _gather(study, asked)
    with whole_or_not(folder, ReleaseRefused) as partial:
        with lines_in(partial) as lines:
            alike = write_rows(content, lines)
        found_k = _other_forms(content, partial, alike, counts=lines.counts, now=now)
        _refuse_invalid(partial)
        _refuse_changed(content)
        write_checksums(partial)
    return Exported(folder, lines.counts, _left_out(content), found_k)


def _gather(study: Study, asked: Asked) -> Content:
    chosen = choose_people(study, asked)
    texts = Texts(keeps=asked.keeps_texts, takes_out_contacts=not asked.is_raw, wordless=chosen.wordless)
    models = model_rows(study, imported=imported_facts(study).get("models", []))
    return Content(study, asked, chosen, choose_talks(study, chosen, asked), texts, models)


def _left_out(content: Content) -> Counter[str]:
    return content.chosen.left_out + content.talks.left_out


def _refuse_changed(content: Content) -> None:
    """Refuse a release of somebody who withdrew, or took their consent back, while it was written."""
    if set(content.chosen.pks) - set(may_be_released(content.study, content.asked).values_list("pk", flat=True)):
        raise ReleaseRefused("Somebody withdrew while the release was written. Run it again; no folder was left.")


def _refuse_invalid(folder: Path) -> None:
    problems = validate(folder).violations
    if problems:
        told = "\n".join(str(problem) for problem in problems[:FIRST_PROBLEMS])
        raise ReleaseRefused(
            f"The release would not be valid, so no folder was left. {len(problems)} problems, the first:\n{told}"
        )


def _other_forms(
    content: Content, folder: Path, alike: Generalised | None, *, counts: Mapping[str, int], now: datetime
) -> int | None:
    """Write what stands beside the five files, and return the k that was counted in the finished survey."""
    asked = content.asked
    grouped = classes(row for _, row in read_lines(folder / "survey.jsonl"))
    found_k = None if alike is None else smallest_class(grouped)
    if found_k is not None and found_k < asked.k:
        raise ReleaseRefused(f"Only {found_k} people are alike, and {asked.k} were asked for. No folder was left.")
    release = Release(
        vocabulary="own", level=asked.level, synthetic=asked.simulated, k=found_k, created_by="export_prism",
        title=asked.name,
    )  # fmt: skip
    write_release(folder, release)
    _write_forms(folder)
    lost = _lost(content, alike, found_k=found_k, diverse=diversity(grouped))
    (folder / "generalisation.json").write_text(json.dumps(lost, indent=1) + "\n", "utf-8")
    lines = codebook_lines(load_instrument(INSTRUMENT), level=asked.level, extras=extras.FIELDS)
    (folder / "codebook.csv").write_text("".join(csv_lines(HEADER, lines)), "utf-8", newline="")
    (folder / NAME).write_text(data_card(_facts(content, lost, counts=counts, now=now)), "utf-8")
    if asked.simulated:
        (folder / "SYNTHETIC").write_text(SYNTHETIC_NOTE, "utf-8")
    return found_k


def _write_forms(folder: Path) -> None:
    """Write the files again as Parquet, and as tables: people, models, the long form and the wide form."""
    for part in ("parquet", "csv"):
        (folder / part).mkdir()
    for name, spec in FILES.items():
        path = folder / (METADATA if name == "metadata" else spec.file_name)
        write_parquet(folder / "parquet" / f"{name}.parquet", _rows(path))
        if name in ("survey", "utterances", "models"):
            write_csv(folder / "csv" / f"{name}.csv", _rows(path))
    if _most_answers(folder) <= len(LETTERS):
        write_csv(folder / "csv" / "utterances_wide.csv", wide_form(_rows(folder / "utterances.jsonl")))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    return (row for _, row in read_lines(path))


def _most_answers(folder: Path) -> int:
    """Return how many answers the prompt with the most has; the wide form has letters for four."""
    return max(Counter(row["interaction_id"] for row in _rows(folder / "utterances.jsonl")).values(), default=0)


def _lost(
    content: Content, alike: Generalised | None, *, found_k: int | None, diverse: Mapping[str, int]
) -> dict[str, Any]:
    told = {"level": content.asked.level, "people": len(content.chosen.pks), "texts": dict(content.texts.counted)}
    if alike is None:
        return told
    return told | {
        "k_asked": content.asked.k,
        "k_found": found_k,
        "l_diversity": dict(diverse),
        "quasi_identifiers": [asdict(loss) for loss in alike.losses],
        "for_everybody": [
            {"field": name, "how": how, "changed": content.changed[name]} for name, how in FOR_EVERYBODY.items()
        ],
    }


def _facts(content: Content, lost: Mapping[str, Any], *, counts: Mapping[str, int], now: datetime) -> dict[str, Any]:
    asked, study = content.asked, content.study
    design = study.current_version.design
    return {
        "title": one_line(asked.name),
        "study": study.slug,
        "date": f"{now:%Y-%m-%d}",
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "level": asked.level,
        "synthetic": asked.simulated,
        "licence": one_line(asked.licence),
        "languages": list(design.languages),
        "tags": ["prism", "rated conversations", *(["synthetic"] if asked.simulated else [])],
        "counts": dict(counts),
        "people": len(content.chosen.pks),
        "wordless": len(content.chosen.wordless),
        "left_out": dict(_left_out(content)),
        "consent": [one_line(text) for text in consent_words(study, purpose=PURPOSE)],
        "quasi_identifiers": QUASI_IDENTIFIERS,
        "k": lost.get("k_found"),
        "diversity": lost.get("l_diversity", {}),
        "losses": lost.get("quasi_identifiers", []),
        "for_everybody": FOR_EVERYBODY,
        "raw_for": one_line(asked.raw_for),
        "keeps_texts": asked.keeps_texts,
        "text_counts": dict(content.texts.counted),
        "contact_name": one_line(design.contact.name),
        "contact_email": one_line(design.contact.email),
        "vendors": vendors_of(content.models),
    }

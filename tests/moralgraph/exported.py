"""A small study to export: people who granted everything, some of it, or nothing, and all kinds of rows."""

import csv
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from elicit.consent import record_consent
from elicit.models import Study, ValuesCard
from moralgraph.models import CardVerification, Context, Judgement, JudgementRevision, Suggestion, Upgrade
from moralgraph.study_export import Asked, Exported, export_study
from tests.make import (
    NOW,
    make_confirmed_card,
    make_judgements,
    study_text,
)

BESIDE = ("judgements.jsonl", "revisions.jsonl", "suggestions.jsonl", "verifications.jsonl")
PUBLISH = "    - {key: publish, text: My card may be published., purpose: publish}\n  details:"


def publishable_study(slug: str) -> Study:
    """Load and open a study that also asks for publication."""
    from elicit.studies import load_study, open_study

    text = study_text(slug=slug).replace("  details:", PUBLISH, 1)
    return open_study(load_study(text, now=NOW))


def filled_study(slug: str = "shared", *, people: int = 12) -> Study:
    """Fill a study: most people granted publication, two did not; repeats, stories, sides, times and reasons."""
    study = publishable_study(slug)
    rows = make_judgements(study, wiser=people - 2, of=people) + make_judgements(study, wiser=3, of=6, second="Other")
    upgrade = Upgrade.objects.create(
        study=study, context=Context.objects.get(study=study), first=rows[0].first, second=rows[0].second,
        story_forward="Somebody moved on.", origin="seed",
    )  # fmt: skip
    for number, row in enumerate(rows):
        granted = number >= 2
        record_consent(row.participant, {"take_part": True, "explore": True, "publish": granted}, now=NOW)
        Judgement.objects.filter(pk=row.pk).update(
            upgrade=upgrade, story_arm="forward", story_arm_probability=0.5, design="active", first_side="end",
            selection_probability=0.1 + number / 100, seen_at=NOW, answered_at=NOW + timedelta(seconds=7 + number),
            why=f"reason {number}",
        )  # fmt: skip
    again = Judgement.objects.get(pk=rows[5].pk)
    again.pk, again.repeat, again.number, again.design = None, 1, 2, "repeat"
    again.save()
    author = rows[4].participant
    make_confirmed_card(author, title="Published card")
    make_confirmed_card(rows[0].participant, title="Ungranted card")
    ValuesCard.objects.create(study=study, participant=author, title="A draft", policies=["A line"])
    Suggestion.objects.create(
        study=study, participant=author, judgement=rows[4], above=rows[4].second, title="Wiser still", created_at=NOW
    )
    return study


def write_beside_everything(study: Study) -> None:
    """Let the author give a reason wherever one can be given: for the team."""
    suggestion = Suggestion.objects.get(study=study)
    told = {"why": "for the team", "answered_at": NOW}
    JudgementRevision.objects.create(judgement=suggestion.judgement, answer="wiser", **told)
    CardVerification.objects.create(
        card=ValuesCard.objects.get(title="Published card"), canonical=suggestion.above, answer="same", **told
    )
    Suggestion.objects.filter(pk=suggestion.pk).update(why="for the team")


def exported(study: Study, folder: Path, *, purpose: str = "publish", **asked: Any) -> Exported:
    return export_study(study, folder, Asked(name=asked.pop("name", folder.name), purpose=purpose, **asked), now=NOW)


def rows_of(path: Path) -> list[dict[str, Any]]:
    """Read a table of an export."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]

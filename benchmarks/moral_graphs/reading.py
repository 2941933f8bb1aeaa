"""Read a million judgements from PostgreSQL into columns, in a database of its own that is dropped afterwards.

Rule: the site's own database is never touched. Where there is no server, that is said.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django
import psycopg
from django.core.management import call_command

from benchmarks.load.machinery import drop_database, make_database
from benchmarks.moral_graphs.made_up import Columns

USUAL_SERVER = "postgres://postgres@127.0.0.1:5432/postgres"
ROWS_AT_ONCE = 5000


@contextmanager
def scratch_database(server: str) -> Iterator[None]:
    """Make an empty database, point Django at it, and drop it at the end."""
    url = make_database(server)
    try:
        os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        django.setup()
        call_command("migrate", verbosity=0, skip_checks=True)
        yield
    finally:
        from django.db import connections

        connections.close_all()
        drop_database(server, url)


def time_reading(columns: Columns, *, server: str, timed: Callable[[str, Callable[[], Any]], Any]) -> None:
    """Write the judgements down, then time reading them as codes and, beside it, as names."""
    try:
        psycopg.connect(server, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        told = str(error).splitlines()[0]
        print(f"reading from PostgreSQL: skipped, no server at {server.rsplit('@')[-1]} ({told})")
        return
    with scratch_database(server):
        from moralgraph.algorithms.records import Judgements
        from moralgraph.consented import judgements_for
        from moralgraph.judgement_columns import read_judgements

        study = timed("  writing them down first", lambda: write_down(columns))
        rows = judgements_for(study, purpose="explore", origins=["imported"])
        found = timed("reading 1,000,000 rows as codes", lambda: read_judgements(rows, study=study))
        names = ("participant_id", "first__content_id", "second__content_id", "context__key", "answer")
        keys = ("participant", "first", "second", "context", "answer")

        def by_names() -> Judgements:
            read = zip(*rows.values_list(*names), strict=True)
            return Judgements.from_columns(**dict(zip(keys, read, strict=True)))

        named = timed("the same rows as names, one by one", by_names)
        same = all((getattr(found, key) == getattr(named, key)).all() for key in keys if key != "participant")
        print(f"  {len(found):,} rows read; both ways give the same columns: {same}")
        assert same


def write_down(columns: Columns) -> Any:
    """Write a study whose consent was not recorded, and its judgements by COPY."""
    from django.db import connection, transaction
    from django.utils import timezone

    from elicit.models import Participant, Study, StudyVersion
    from moralgraph.models import CanonicalValuesCard, Context, Judgement

    with transaction.atomic():
        study = Study.objects.create(
            slug="bench", title={"en": "bench"}, consent_record=Study.ConsentRecord.NOT_RECORDED
        )
        version = StudyVersion.objects.create(study=study, number=1, content={}, design_hash="bench")
        people = _saved(
            Participant(study=study, version=version, origin="imported", seed=number)
            for number in range(len(columns.participants))
        )
        cards = _saved(
            CanonicalValuesCard(study=study, content_id=name, title=name, policies=["CARE about it"], origin="imported")
            for name in columns.cards
        )
        contexts = _saved(Context(study=study, key=name, text={"en": name}) for name in columns.contexts)
        now = timezone.now()
        fields = [field for field in Judgement._meta.concrete_fields if not field.primary_key]
        same = {field.attname: field.get_default() for field in fields}
        same |= {"study_id": study.pk, "origin": "imported", "answered_at": now}
        names = ", ".join(f'"{field.column}"' for field in fields)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # keys are right: made above
            with cursor.copy(f'COPY "{Judgement._meta.db_table}" ({names}) FROM STDIN') as copy:
                for row in _rows(columns, people=people, cards=cards, contexts=contexts):
                    filled = same | row
                    copy.write_row([filled[field.attname] for field in fields])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return study


def _saved(rows: Iterator[Any]) -> list[int]:
    made = list(rows)
    return [row.pk for row in type(made[0]).objects.bulk_create(made, batch_size=ROWS_AT_ONCE)]


def _rows(columns: Columns, *, people: list[int], cards: list[int], contexts: list[int]) -> Iterator[dict[str, Any]]:
    from moralgraph.algorithms.records import ANSWERS

    arrays = (columns.participant, columns.first, columns.second, columns.context, columns.answer)
    for number, (person, first, second, context, answer) in enumerate(zip(*(a.tolist() for a in arrays), strict=True)):
        yield {
            "participant_id": people[person],
            "first_id": cards[first],
            "second_id": cards[second],
            "lower": min(cards[first], cards[second]),
            "upper": max(cards[first], cards[second]),
            "context_id": contexts[context],
            "answer": ANSWERS[answer].value,
            "number": number + 1,
            "repeat": number % 20_000,  # a made-up person may meet a pair twice
        }

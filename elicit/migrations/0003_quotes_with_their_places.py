"""Say of every quote on a card in which message it stands and where, as far as it can be found word for word."""

from django.db import migrations


def _spans(quote, messages):
    for message in messages:
        start = message.text.find(quote)
        if quote and start >= 0:
            return [{"message": message.number, "start": start, "end": start + len(quote), "quote": quote}]
    return []


def find_places(apps, schema_editor):
    card_model = apps.get_model("elicit", "ValuesCard")
    message_model = apps.get_model("elicit", "Message")
    for card in card_model.objects.exclude(evidence=[]).iterator():
        if not all(isinstance(found, dict) for found in card.evidence):
            continue
        said = list(message_model.objects.filter(interview=card.interview_id, author="participant").order_by("number"))
        card.evidence = [_spans(found.get("quote", ""), said) for found in card.evidence]
        card.save(update_fields=["evidence"])


def drop_places(apps, schema_editor):
    card_model = apps.get_model("elicit", "ValuesCard")
    for card in card_model.objects.exclude(evidence=[]).iterator():
        card.evidence = [{"quote": found[0]["quote"], "answer": 0} if found else {} for found in card.evidence]
        card.save(update_fields=["evidence"])


class Migration(migrations.Migration):
    dependencies = [("elicit", "0002_interviews_consent_and_entry")]

    operations = [migrations.RunPython(find_places, drop_places)]

"""After the load: is everything there that people were told is saved, once, and nothing else?"""

from collections import Counter
from collections.abc import Mapping

from elicit.models import EntryLink, Message, Turn, TurnChunk
from elicit.participants import token_hash


def faults(acknowledged: Mapping[str, tuple[str, str]]) -> dict[str, int]:
    """Count what was lost, doubled, changed or left lying, by kind.

    `acknowledged` maps each key that the site answered "saved" to the token of its author and the words.
    """
    owners = dict(EntryLink.objects.values_list("token_hash", "participant_id"))
    said = Message.objects.filter(author=Message.Author.PARTICIPANT)
    stored = {
        (participant, key): text
        for participant, key, text in said.values_list("interview__participant", "idempotency_key", "text")
    }
    expected = {(owners[token_hash(token)], key): text for key, (token, text) in acknowledged.items()}
    copies = Counter(said.values_list("interview__participant", "text"))
    questions = Message.objects.filter(author=Message.Author.INTERVIEWER)
    return {
        "answers that were said to be saved and are not there": sum(pair not in stored for pair in expected),
        "answers whose words changed": sum(pair in stored and stored[pair] != text for pair, text in expected.items()),
        "answers that are there twice": sum(count - 1 for count in copies.values()),
        "answers that nobody was told about (more than one a person)": _unacknowledged(stored, expected),
        "interviews with two questions in a row": _doubled(),
        "turns whose words are in no message": Turn.objects.filter(
            kind=Turn.Kind.QUESTION, state=Turn.State.DONE, message=None
        ).count(),
        "pieces of the turn log left behind": TurnChunk.objects.filter(turn__state=Turn.State.DONE).count(),
        "questions without a word": questions.filter(text="").count(),
    }


def _unacknowledged(stored: Mapping[tuple[int, str], str], expected: Mapping[tuple[int, str], str]) -> int:
    """Count answers beyond the one that each person may have had on its way when the benchmark ended."""
    extra = Counter(participant for participant, _ in stored.keys() - expected.keys())
    return sum(count - 1 for count in extra.values() if count > 1)


def _doubled() -> int:
    doubled = 0
    last: tuple[int, str] | None = None
    for interview, author in Message.objects.order_by("interview", "number").values_list("interview", "author"):
        if last == (interview, author) == (interview, Message.Author.INTERVIEWER):
            doubled += 1
        last = (interview, author)
    return doubled

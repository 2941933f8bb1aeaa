"""Keep the catalogues of what participants read: find the words, bring each .po file up to date, compile it.

Rule: pure Python. No gettext needs to be installed, and no guess is written: a new sentence stays empty until somebody
translates it. Whatever a file says counts as said to participants, unless the file is listed here as the organizers'.

`python -m tests.catalogue` does it all and names what waits for a translation.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
WIDTH = 120
NOT_FOR_PARTICIPANTS = re.compile(
    r"templates/(organizer|training|style|prompts|registration)"
    r"|templates/moralgraph/(?!(judge|suggest|feedback|report|report_gone)\.|_report)"
    r"|templates/_(funnel|line_chart|method_test_banner)\.html"
    r"|elicit/(views/)?(organizer|people|checklist|previews|accounts|scored_|progress|navigation|charts|exports|exclusions|releases|scoring|simulati)"
    r"|elicit/(results|prism)"
    r"|elicit/(management|migrations|llm|templatetags/style_examples|studies\.py|versions\.py|jobs\.py)"
    r"|elicit/models/(jobs|ledger|studies)"
    r"|moralgraph/(explorer|reconciliation|management|migrations|models/(contexts|partitions|snapshots))"
    r"|moralgraph/(comparing|contexts|planning|proposal_|report_forms|reports\.py|snapshot_work|upgrades|values_forms)"
    r"|moralgraph/views/(certainty|explorer|proposals|reports|values)"
    r"|training/"
)
CALLS = {
    "AnswerError": 1,
    "_": 1,
    "gettext": 1,
    "gettext_lazy": 1,
    "gettext_noop": 1,
    "ngettext": 2,
    "ngettext_lazy": 2,
}
CALLS_WITH_CONTEXT = {"pgettext": 1, "pgettext_lazy": 1, "npgettext": 2, "npgettext_lazy": 2}
LITERAL = r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
IN_A_TEMPLATE = re.compile(rf"\b(n?p?gettext|_)\({LITERAL}(?:, {LITERAL})?(?:, {LITERAL})?")
Found = tuple[str | None, str, str | None, int]  # context, one, many, line


def files_for_participants() -> list[Path]:
    """Return every template and module whose words a participant may read."""
    found = [*(ROOT / "templates").rglob("*.html")]
    for package in ("elicit", "moralgraph"):
        found += (ROOT / package).rglob("*.py")
    return sorted(path for path in found if not NOT_FOR_PARTICIPANTS.match(path.relative_to(ROOT).as_posix()))


def words_of(path: Path) -> Iterator[Found]:
    """Yield what a file marks for translation."""
    text = path.read_text()
    if path.suffix == ".html":
        yield from _words_of_template(text)
    else:
        yield from _words_of_module(text, with_help=not re.search(r"/models(/|\.py)", path.as_posix()))


def _words_of_template(text: str) -> Iterator[Found]:
    for number, line in enumerate(templatize(text).split("\n"), start=1):
        for match in IN_A_TEMPLATE.finditer(line):
            texts = [ast.literal_eval(given) for given in match.groups()[1:] if given]
            yield _as_found(match[1], texts, number)


def _words_of_module(text: str, *, with_help: bool) -> Iterator[Found]:
    tree = ast.parse(text)
    keywords = [node for node in ast.walk(tree) if isinstance(node, ast.keyword) and not with_help]
    notes = {node.value for node in keywords if node.arg == "help_text"}  # of a model: no page shows them
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node not in notes:
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in CALLS or name in CALLS_WITH_CONTEXT:
                texts = [part.value for part in node.args if isinstance(part, ast.Constant)]
                if texts and all(isinstance(given, str) for given in texts):
                    yield _as_found(name, texts, node.lineno)


def _as_found(call: str, texts: list[str], line: int) -> Found:
    context = texts.pop(0) if call in CALLS_WITH_CONTEXT else None
    counts = {**CALLS, **CALLS_WITH_CONTEXT}[call] == 2
    return context, texts[0], texts[1] if counts else None, line


def template() -> Catalog:
    """Return every sentence for participants, with the files in which it stands."""
    catalogue = Catalog(charset="utf-8", fuzzy=False)
    for path in files_for_participants():
        for context, one, many, _line in words_of(path):
            message = (one, many) if many is not None else one
            catalogue.add(message, locations=[(path.relative_to(ROOT).as_posix(), None)], context=context)
    return catalogue


def catalogues() -> list[Path]:
    """Return the .po files that ship."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))


def read(path: Path) -> Catalog:
    """Read a .po file; a broken one is an error."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, abort_invalid=True)


def update(path: Path) -> Catalog:
    """Bring a .po file up to date: new sentences come in empty, those that nobody says any more go."""
    catalogue = read(path)
    catalogue.update(template(), no_fuzzy_matching=True, update_creation_date=False)
    with path.open("wb") as file:
        write_po(file, catalogue, width=WIDTH, ignore_obsolete=True, sort_output=True)
    path.with_suffix(".mo").write_bytes(compiled(catalogue))
    return catalogue


def compiled(catalogue: Catalog) -> bytes:
    """Return the catalogue as Django reads it."""
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the sentences that have no translation, or not one for each number."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and not all(message.string if message.pluralizable else [message.string])
    ]


def main() -> int:
    """Update and compile every catalogue; say what is left to translate."""
    waiting = {path: untranslated(update(path)) for path in catalogues()}
    for path, sentences in waiting.items():
        print(f"{path.relative_to(ROOT)}: {len(sentences)} to translate")
        print("".join(f"  {sentence}\n" for sentence in sentences), end="")
    return 1 if any(waiting.values()) else 0


if __name__ == "__main__":
    sys.exit(main())

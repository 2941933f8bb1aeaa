"""Find what is inconsistent in a study design that is well formed.

Rule: whatever a study names exists, each thing is named once, and every text is there in every language of the study.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from elicit.instruments import available_instruments, load_instrument, never_shown
from elicit.instruments.checking import untranslated
from elicit.yaml_documents import KeyPath, suggest

if TYPE_CHECKING:
    from elicit.study_files import AnchorDesign, ConversationDesign, StudyDesign, SurveyDesign

Finding = tuple[KeyPath, str, str]  # where, what is wrong, the fix
INSTRUCTIONS_ITEM = "system_string"  # of the survey: how an AI should be that the person talks with


def inconsistencies(design: StudyDesign) -> Iterator[Finding]:
    """Yield everything in `design` that contradicts something else in it."""
    yield from _repeated_keys(design)
    yield from _consent(design)
    yield from _steps(design)
    yield from _contexts(design)
    yield from _upgrades(design)
    yield from _judgements(design)
    yield from _instruments(design)
    if design.conversation:
        yield from _conversation(design.conversation)
        yield from _own_instructions(design, design.conversation)
    yield from _twice(("panels",), [panel.name for panel in design.panels], "name")
    yield from _help(design)
    yield from _translations(design)
    yield from untranslated(design, (), design.languages, whole="the study", this="the study")


def _twice(path: KeyPath, keys: Iterable[str], field: str = "key") -> Iterator[Finding]:
    seen: set[str] = set()
    for index, key in enumerate(keys):
        if key in seen:
            where = (*path, index, field) if field else (*path, index)
            yield where, f'"{key}" is used twice', "give each its own, or remove one"
        seen.add(key)


def _repeated_keys(design: StudyDesign) -> Iterator[Finding]:
    yield from _twice(("languages",), design.languages, "")
    yield from _twice(("consent", "items"), [item.key for item in design.consent.items])
    yield from _twice(("steps",), [step.kind for step in design.steps], "kind")
    for name in ("questions", "contexts", "seed_cards"):
        yield from _twice((name,), [part.key for part in getattr(design, name)])
    yield from _twice(("seed_cards",), [str(card.title).casefold() for card in design.seed_cards], "title")
    if design.conversation:
        yield from _twice(("conversation", "types"), [kind.key for kind in design.conversation.types])
        yield from _twice(("conversation", "models"), design.conversation.models, "")


def _consent(design: StudyDesign) -> Iterator[Finding]:
    for index, item in enumerate(design.consent.items):
        if item.required and item.purpose != "take_part":
            what = f'"{item.key}" is required, but only taking part may be'
            fix = "write `required: false`; whoever declines can still take part"
            yield ("consent", "items", index, "required"), what, fix
    if not any(item.purpose == "take_part" and item.required for item in design.consent.items):
        fix = "add an item with `purpose: take_part` and `required: true`"
        yield ("consent", "items"), "nobody is asked whether they take part", fix


def _steps(design: StudyDesign) -> Iterator[Finding]:
    kinds: list[str] = [step.kind for step in design.steps]
    if kinds[0] != "consent":
        yield ("steps", 0), "the first step is not consent", "put `consent` first; nothing is asked before it"
    if "closing" in kinds and kinds[-1] != "closing":
        yield ("steps", kinds.index("closing")), "closing is not the last step", "move it to the end"
    for before, after in (("interview", "values_card"), ("interview", "judgements")):
        if before in kinds and after in kinds and kinds.index(before) > kinds.index(after):
            fix = f"put `{before}` first, so that nobody sees others' values before their own"
            yield ("steps", kinds.index(after)), f"{after} comes before {before}", fix
    if "values_card" in kinds and "interview" not in kinds:
        path = ("steps", kinds.index("values_card"))
        yield path, "there is a values card but no interview", "add `interview` before it"
    for kind, block in (("survey", design.survey), ("closing", design.closing), ("conversations", design.conversation)):
        if kind in kinds and block is None:
            key = "conversation" if kind == "conversations" else kind
            yield ("steps", kinds.index(kind)), f"the step {kind} has no settings", f"add the key `{key}:` to the file"
    if "judgements" in kinds and not design.contexts:
        path = ("steps", kinds.index("judgements"))
        yield path, "there are judgements but no contexts", "add `contexts:` to the file"


def _contexts(design: StudyDesign) -> Iterator[Finding]:
    questions = [question.key for question in design.questions]
    for index, context in enumerate(design.contexts):
        english = context.text.for_language("en") if "en" in design.languages else "When "
        if not english.startswith("When "):
            fix = 'describe a situation: "When someone ..."'
            yield ("contexts", index, "text"), 'it does not begin with "When "', fix
        for position, key in enumerate(context.questions):
            if key not in questions:
                path = ("contexts", index, "questions", position)
                yield path, f'there is no question "{key}"', suggest(key, questions)


def _upgrades(design: StudyDesign) -> Iterator[Finding]:
    cards = [card.key for card in design.seed_cards]
    contexts = [context.key for context in design.contexts]
    seen: set[tuple[str, ...]] = set()
    for index, upgrade in enumerate(design.upgrades):
        for field, key, known, noun in (
            ("first", upgrade.first, cards, "seed card"),
            ("second", upgrade.second, cards, "seed card"),
            ("context", upgrade.context, contexts, "context"),
        ):
            if key not in known:
                yield ("upgrades", index, field), f'there is no {noun} "{key}"', suggest(key, known)
        if upgrade.first == upgrade.second:
            yield ("upgrades", index, "second"), "it compares a card with itself", "name another card"
        pair = (*sorted((upgrade.first, upgrade.second)), upgrade.context)
        if pair in seen:
            yield ("upgrades", index), "the same two cards are compared twice in this context", "remove one of the two"
        seen.add(pair)


def _judgements(design: StudyDesign) -> Iterator[Finding]:
    yield from _twice(("judgements", "stories"), design.judgements.stories, "")
    if design.judgements.repeats >= design.judgements.count:
        what = f"{design.judgements.repeats} of {design.judgements.count} pairs cannot come again after another one"
        yield ("judgements", "repeats"), what, f"write {design.judgements.count - 1} or less"


def _help(design: StudyDesign) -> Iterator[Finding]:
    for index, link in enumerate(design.help.links if design.help else []):
        if not link.phone and not link.url:
            yield ("help", "links", index), "it leads nowhere", "give it a `phone` or a `url`"


def _translations(design: StudyDesign) -> Iterator[Finding]:
    for index, language in enumerate(design.machine_translated):
        if language not in design.languages:
            path = ("machine_translated", index)
            yield path, f'the study has no language "{language}"', suggest(language, design.languages)


def _instruments(design: StudyDesign) -> Iterator[Finding]:
    steps = [(name, survey) for name in ("survey", "closing") if (survey := getattr(design, name)) is not None]
    for name, survey in steps:
        yield from _instrument(name, survey)
    yield from _asked_twice([found for name, survey in steps for found in _instruments_of(name, survey)])


def _instruments_of(name: str, survey: SurveyDesign) -> Iterator[tuple[KeyPath, str, list[str]]]:
    """Yield the instruments of a step: where each is named, its key, and the parts that are wanted of it."""
    yield (name, "instrument"), survey.instrument, survey.parts
    for index, key in enumerate(survey.batteries):
        yield (name, "batteries", index), key, []


def _instrument(name: str, survey: SurveyDesign) -> Iterator[Finding]:
    known = available_instruments()
    for path, key, wanted in _instruments_of(name, survey):
        if key not in known:
            yield path, f'there is no instrument "{key}"', suggest(key, known)
            continue
        parts = [part.key for part in load_instrument(key).parts]
        for index, part in enumerate(wanted):
            if part not in parts:
                yield (name, "parts", index), f'the instrument has no part "{part}"', suggest(part, parts)
        for item in never_shown(load_instrument(key), wanted or parts):
            fix = "ask also the part that it looks back at, or leave out its own"
            yield (name, "parts"), f'nobody can ever see "{item}" when only these parts are asked', fix


def _asked_twice(asked: list[tuple[KeyPath, str, list[str]]]) -> Iterator[Finding]:
    """No question and no page comes twice in a study: the second time it would be answered already."""
    seen: dict[str, str] = {}
    for path, key, wanted in asked:
        names = _questions_and_pages(key, wanted)
        twice = next((name for name in names if name in seen), "")
        if twice:
            yield path, f"{twice} is asked by {seen[twice]} already", "ask it once: remove one of the two"
        seen |= dict.fromkeys(names, key)


def _questions_and_pages(key: str, wanted: list[str]) -> list[str]:
    parts = load_instrument(key).parts if key in available_instruments() else []
    asked = [part for part in parts if part.key in wanted or not wanted]
    questions = [f"the question {item.name}" for part in asked for item in part.items]
    return [*questions, *(f"the page {part.key}" for part in asked)]


def _conversation(conversation: ConversationDesign) -> Iterator[Finding]:
    if conversation.least_turns > conversation.turns:
        what = f"nobody can have {conversation.least_turns} turns where {conversation.turns} are the most"
        yield ("conversation", "least_turns"), what, f"write {conversation.turns} or less"
    counts = [kind.count for kind in conversation.types]
    known = [count for count in counts if count is not None]
    if known and len(known) < len(counts):
        where = ("conversation", "types", counts.index(None), "count")
        yield where, "some types have a count and this one has none", "give each type a count, or none of them"
    elif known and sum(known) != conversation.count:
        what = f"the counts of the types make {sum(known)}, but there are {conversation.count} conversations"
        yield ("conversation", "count"), what, f"write {sum(known)}, or change the counts of the types"
    if conversation.anchors:
        yield from _anchors(conversation, conversation.anchors)


def _anchors(conversation: ConversationDesign, anchors: AnchorDesign) -> Iterator[Finding]:
    path = ("conversation", "anchors")
    yield from _twice((*path, "prompts"), [anchor.key for anchor in anchors.prompts])
    types: list[str] = [kind.key for kind in conversation.types]
    for index, anchor in enumerate(anchors.prompts):
        if anchor.type not in types:
            yield (*path, "prompts", index, "type"), f'there is no type "{anchor.type}"', suggest(anchor.type, types)
    if anchors.count > conversation.count:
        what = f"{anchors.count} conversations cannot open with a shared prompt where there are {conversation.count}"
        yield (*path, "count"), what, f"write {conversation.count} or less"
        return
    given: list[str] = [anchor.type for anchor in anchors.prompts]
    quotas = {kind.key: conversation.count if kind.count is None else kind.count for kind in conversation.types}
    places = sum(min(quota, given.count(key)) for key, quota in quotas.items())
    if places < anchors.count:
        what = f"{anchors.count} shared prompts are wanted, but each person can be given {places} at most"
        yield (*path, "count"), what, "add prompts of types that have places left; nobody gets the same one twice"


def _own_instructions(design: StudyDesign, conversation: ConversationDesign) -> Iterator[Finding]:
    """Say whether people are asked for their instructions before answers under these are shown to them."""
    kinds: list[str] = [step.kind for step in design.steps]
    if not conversation.own_instructions or "conversations" not in kinds:
        return
    where = ("conversation", "own_instructions")
    if "survey" not in kinds or kinds.index("survey") > kinds.index("conversations"):
        what = "people are not asked for their instructions before the conversations"
        yield where, what, f"put `survey` before `conversations`, with the item {INSTRUCTIONS_ITEM}"
    elif design.survey and not _asks(design.survey, INSTRUCTIONS_ITEM):
        what = f"the survey does not ask {INSTRUCTIONS_ITEM}"
        yield where, what, "name the part of the instrument that asks it in `survey: parts:`, or write 0"


def _asks(survey: SurveyDesign, item: str) -> bool:
    if survey.instrument not in available_instruments():
        return True  # said elsewhere
    parts = load_instrument(survey.instrument).parts
    asked = [part for part in parts if not survey.parts or part.key in survey.parts]
    return any(each.name == item for part in asked for each in part.items)

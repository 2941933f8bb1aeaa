"""What the present design of a study asks in its surveys."""

from collections.abc import Iterator

from elicit.instruments import Instrument, Item, Part, load_instrument
from elicit.models import Study


def asked_parts(study: Study) -> Iterator[tuple[Instrument, Part]]:
    """Yield every page of every survey with its instrument: the survey's, the closing questions', their batteries'."""
    design = study.current_version.design
    for survey in (design.survey, design.closing):
        if survey is not None:
            main = load_instrument(survey.instrument)
            yield from ((main, part) for part in main.parts if not survey.parts or part.key in survey.parts)
            for battery in map(load_instrument, survey.batteries):
                yield from ((battery, part) for part in battery.parts)


def asked_items(study: Study) -> Iterator[tuple[Instrument, Item]]:
    """Yield every item that is asked with its instrument."""
    for instrument, part in asked_parts(study):
        yield from ((instrument, item) for item in part.items)

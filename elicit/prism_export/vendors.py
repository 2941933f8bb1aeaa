"""The models of a release as rows of models.jsonl, with as much as is known of each.

Rule: a model that was imported is told as it was read; one of PRISM's as PRISM told it; any other by its name and by
the settings of its calls, with an empty text where nothing is known.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from elicit.models import Study, Utterance
from elicit.prism.schema import MODELS, PROVIDER_SPELLINGS, PUBLISHED_MODELS

Row = dict[str, Any]

PUBLISHED = {model.long_name: model for model in PUBLISHED_MODELS}
SPELLED_IN_ANSWERS = {spelling: provider for provider, spelling in PROVIDER_SPELLINGS.items()}
NOT_KNOWN = "not known"


def model_rows(study: Study, *, imported: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return a row for every model that an import names or that answered in the study."""
    rows = {str(row["long_name"]): dict(row) for row in imported}
    codes = {str(row["longcode"]) for row in rows.values()}
    for name in _answering(study):
        if name not in rows:
            rows[name] = _row(name, _settings(study, name), codes=codes)
            codes.add(rows[name]["longcode"])
    return list(rows.values())


def providers(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return each model's provider as conversations spell it.

    Examples
    --------
    >>> providers([{"long_name": "flan", "model_provider": "HuggingFace-API"}])
    {'flan': 'huggingface_api'}
    """
    return {
        str(row["long_name"]): SPELLED_IN_ANSWERS.get(row["model_provider"], str(row["model_provider"])) for row in rows
    }


def _answering(study: Study) -> list[str]:
    shown = Utterance.objects.of_study(study).filter(failure="").order_by("model_name")
    return list(shown.values_list("model_name", flat=True).distinct())


def _settings(study: Study, name: str) -> Row:
    """Return the settings with which a model was called most often, and the prompt that it was given, as text."""
    calls = Utterance.objects.of_study(study).filter(model_name=name, failure="")
    found: Counter[tuple[Any, ...]] = Counter()
    for parameters, prompt, hashed in calls.values_list("parameters", "prompt_name", "prompt_hash").iterator():
        known = tuple(sorted((key, str(value)) for key, value in parameters.items() if value is not None))
        found[(known, prompt, hashed)] += 1
    (known, prompt, hashed), _ = found.most_common(1)[0]
    return {"parameters": dict(known), "header": f"prompt template {prompt}, SHA-256 {hashed}" if prompt else ""}


def _row(name: str, settings: Row, *, codes: set[str]) -> Row:
    published = PUBLISHED.get(name)
    family, _, rest = name.partition("/")
    provider = published.model_provider if published else (family if rest else NOT_KNOWN)
    row = {
        "long_name": name,
        "short_name": published.short_name if published else name.rpartition("/")[2],
        "longcode": published.longcode if published else _code(name, codes),
        "model_family": published.model_family if published else provider,
        "model_provider": provider,
        "model_provider_type": published.model_provider_type if published else NOT_KNOWN,
        "model_type": published.model_type if published else "Chat",
        "default_params": {},
        "selected_params": settings["parameters"],
        "header": settings["header"],
        "link": "",
        "in_yaml": "Yes",
        "params_tested": "No",
        "endpoint_live": "Yes",
        "status": "Deployed",
    }
    return {field: row[field] for field in MODELS.field_names}


def _code(name: str, taken: set[str]) -> str:
    """Return a short code that no other model has."""
    plain = re.sub(r"[^A-Z0-9]", "", name.rpartition("/")[2].upper())[:6] or "MODEL"
    numbered = (f"{plain}{number or ''}" for number in range(len(taken) + 1))
    return next(code for code in numbered if code not in taken)

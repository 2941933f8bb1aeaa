"""Who takes part: every column of the survey, dealt from the published tables.

Rule: a column's counts are exact; how columns go together is ours and only roughly plausible.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from elicit.prism.published import published, scaled, share_of
from elicit.prism.schema import DATETIME, PREFERENCES, REFUSED, USE_CASES, location, special_region
from elicit.prism.synthetic.dealing import bounded, deal, deal_to, lengths, mark

ENGLISH_FIRST = ("US", "UK", "Australia and New Zealand", "Northern America")
LOCALES = {"USA": "us", "GBR": "uk", "CZE": "czech republic", "NZL": "new zealand", "ZAF": "south africa"}


@dataclass(frozen=True)
class People:
    """Columns of the survey, one place a participant in order of recording."""

    columns: dict[str, NDArray[Any]]
    use_cases: NDArray[np.int64]
    case_order: NDArray[np.int64]
    preferences: NDArray[np.int64]
    preference_order: NDArray[np.int64]
    is_shown: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.is_shown)


def draw_people(count: int, rng: np.random.Generator) -> People:
    """Deal every column of the survey out to `count` people."""
    facts = published()
    columns = _places(count, rng)
    columns |= _about(columns, count, rng)
    columns |= _use(count, rng)
    columns |= _times(count, rng)
    shown = columns["lm_frequency_use"] != None  # noqa: E711 (an array)
    wanted = [scaled({True: cases, False: 1253 - cases}, int(shown.sum()))[True] for cases in _cases()]
    use_cases = np.zeros((count, len(USE_CASES)), dtype=np.int64)
    for place, number in enumerate(wanted):
        use_cases[rng.permutation(np.flatnonzero(shown))[:number], place] = 1
    preferences = [bounded(*facts["stated_prefs"][n], least=0, most=100, size=count, rng=rng) for n in PREFERENCES]
    columns["types_preference"] = mark(
        share_of(facts["open_texts"]["stated_prefs"], whole=1500, total=count), count, rng
    )
    return People(
        columns=columns,
        use_cases=use_cases,
        case_order=_orders(count, len(USE_CASES), rng),
        preferences=np.stack(preferences, axis=1),
        preference_order=_orders(count, len(PREFERENCES), rng),
        is_shown=shown,
    )


def _cases() -> list[int]:
    return [published()["use_cases"][name] for name in USE_CASES]


def _orders(count: int, length: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return display orders: a permutation of 1 .. length-1 for each person, and "other" last."""
    drawn = np.argsort(rng.random((count, length - 1)), axis=1).argsort(axis=1) + 1
    return np.concatenate([drawn, np.full((count, 1), length)], axis=1)


def _places(count: int, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
    """Deal countries of birth and residence so that both tables and the number who stayed are met."""
    facts = published()
    born, reside = scaled(facts["born"], count), scaled(facts["reside"], count)
    both_refused = min(born.get(REFUSED, 0), reside.get(REFUSED, 0))
    stayed = {code: min(born[code], reside.get(code, 0)) for code in born if code != REFUSED}
    wanted = scaled(facts["same_country"], count)["Yes"]
    stayed = scaled(stayed, min(wanted, sum(stayed.values())))
    pairs = [(code, code) for code, number in stayed.items() for _ in range(number)] + [
        (REFUSED, REFUSED)
    ] * both_refused
    birth_left = _left(born, pairs, 0)
    reside_left = _left(reside, pairs, 1)
    rng.shuffle(birth_left)
    rng.shuffle(reside_left)
    pairs += zip(birth_left, _apart(birth_left, reside_left), strict=True)
    order = rng.permutation(count)
    birth, residence = (np.array([pairs[place][side] for place in order], dtype=object) for side in (0, 1))
    return {"birth": birth, "reside": residence, "study_locale": _locales(residence, rng)}


def _left(counts: Mapping[str, int], pairs: list[tuple[str, str]], side: int) -> list[str]:
    used: dict[str, int] = {}
    for pair in pairs:
        used[pair[side]] = used.get(pair[side], 0) + 1
    return [code for code, number in counts.items() for _ in range(number - used.get(code, 0))]


def _apart(first: list[str], second: list[str]) -> list[str]:
    """Return the second list in an order that matches the first nowhere, as far as that can be."""
    second = list(second)
    for place, code in enumerate(first):
        if second[place] != code:
            continue
        for other in range(len(first)):
            if second[other] != code and first[other] != code:
                second[place], second[other] = second[other], second[place]
                break
    return second


def _locales(residence: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    """Deal the studies that recruited: where somebody lives, as far as the table has places."""
    counts = published()["survey"]["study_locale"]
    at_home = {name: np.zeros(len(residence), dtype=bool) for name in counts}
    for place, code in enumerate(residence):
        name = "asia" if code in ("JPN", "KOR") else LOCALES.get(code) or _country(code).lower()
        if name in at_home:
            at_home[name][place] = True
    return deal_to(counts, at_home, len(residence), rng)


def _country(code: str) -> str:
    return location(code, code)["birth_country"]


def _about(columns: Mapping[str, NDArray[Any]], count: int, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
    tables = published()["survey"]
    region = np.array([special_region(code) for code in columns["birth"]], dtype=object)
    age = np.array(deal(tables["age"], count, rng), dtype=object)
    is_old, is_young = np.isin(age, ["55-64 years old", "65+ years old"]), age == "18-24 years old"
    suits: dict[str, dict[str, NDArray[np.bool_]]] = {
        "employment_status": {"Retired": is_old, "Student": is_young},
        "marital_status": {"Widowed": is_old, "Never been married": is_young | (age == "25-34 years old")},
        "english_proficiency": {"Native speaker": np.isin(region, ENGLISH_FIRST)},
        "religion": {"Jewish": columns["birth"] == "ISR", "Muslim": np.isin(region, ["Middle East", "Africa", "Asia"])},
        "ethnicity": {
            "Hispanic / Latino": region == "Latin America and the Caribbean",
            "Asian": region == "Asia",
            "Black / African": region == "Africa",
            "Middle Eastern / Arab": region == "Middle East",
        },
    }
    plain = ("gender", "education", "lm_familiarity")
    about = {name: np.array(deal(tables[name], count, rng), dtype=object) for name in plain}
    about |= {name: deal_to(tables[name], suits[name], count, rng) for name in suits}
    about["region"], about["age"] = region, age
    for name in ("religion", "ethnicity"):
        about[f"{name}_words"] = _in_own_words(about[name], published()["distinct"][name])
    about["study_id"] = _studies(columns["study_locale"])
    return about


def _in_own_words(categories: NDArray[Any], distinct: int) -> NDArray[Any]:
    """Say categories in as many different strings as people used, each marked as made up."""
    counts = {name: int((categories == name).sum()) for name in sorted(set(categories)) if name != REFUSED}
    more = scaled(counts, max(0, min(distinct - 1, sum(counts.values())) - len(counts)))
    seen: dict[str, int] = {}
    words = []
    for name in categories:
        if name == REFUSED:
            words.append(REFUSED.lower())
            continue
        variant = seen.get(name, 0)
        seen[name] = variant + 1
        number = variant % min(counts[name], more[name] + 1)
        words.append(f"{name.lower().replace(' / ', ' or ')} in synthetic words {number}")
    return np.array(words, dtype=object)


def _studies(locales: NDArray[Any]) -> NDArray[Any]:
    """Give every locale one recruitment study, and the 18 largest a second batch: 51 in all."""
    names, counts = np.unique(locales.astype(str), return_counts=True)
    large = {str(name) for name in names[np.argsort(-counts, kind="stable")][:18]}
    batch = np.arange(len(locales)) % 2
    return np.array([_study_id(name, int(b) if name in large else 0) for name, b in zip(locales, batch, strict=True)])


def _study_id(locale: str, batch: int) -> str:
    return hashlib.sha256(f"synthetic {locale} {batch}".encode()).hexdigest()[:24]


def _use(count: int, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
    """Deal both uses so that the published number of people were shown what follows from a yes."""
    uses, tables = published()["uses"], published()["survey"]
    indirect, direct = scaled(uses["indirect"], count), scaled(uses["direct"], count)
    yes, shown = indirect["Yes"], scaled({True: uses["shown"], False: 1500 - uses["shown"]}, count)[True]
    shown = min(max(shown, yes, direct["Yes"]), yes + direct["Yes"], count)
    order = rng.permutation(count)
    columns = {name: np.full(count, None, dtype=object) for name in ("lm_indirect_use", "lm_direct_use")}
    columns["lm_indirect_use"][order[:yes]] = "Yes"
    columns["lm_direct_use"][order[shown - direct["Yes"] : shown]] = "Yes"
    for name, counts in (("lm_indirect_use", indirect), ("lm_direct_use", direct)):
        rest = {answer: counts[answer] for answer in ("No", "Unsure")}
        is_open = columns[name] == None  # noqa: E711 (an array)
        columns[name][is_open] = np.array(deal(rest, int(is_open.sum()), rng), dtype=object)
    often = np.full(count, None, dtype=object)
    often[order[:shown]] = np.array(deal(tables["lm_frequency_use"], shown, rng), dtype=object)
    return columns | {"lm_frequency_use": often}


def _times(count: int, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
    """Spread the ends of the surveys over the month, in order, and draw how long each took."""
    span = published()["times"]["survey"]
    first, last = (datetime.strptime(span[key], DATETIME) for key in ("first", "last"))  # noqa: DTZ007
    seconds = int((last - first).total_seconds())
    offsets = np.sort(rng.integers(0, seconds, count))
    offsets[0], offsets[-1] = 0, seconds if count > 1 else 0
    took = np.rint(lengths(900, 900, least=span["least_s"] + 1, most=20_000, size=count, rng=rng)).astype(np.int64)
    ends = rng.permutation(count)[:2]
    took[ends] = [span["least_s"], span["most_s"]][: len(ends)]
    return {
        "recorded": np.array([first + timedelta(seconds=int(offset)) for offset in offsets], dtype=object),
        "seconds": took,
    }

"""See names, addresses, numbers and links that would show who somebody is.

Rule: it shows the words it means, so that its author can judge; ordinary words with a capital letter are let pass.
"""

from __future__ import annotations

import re

from elicit.guided.script import Words, given_names
from elicit.guided.wording import fold

MOSTLY = 0.5  # share of capitalised words from which capitals say nothing, as in titles and in German
SOME = 0.34  # the same, where nothing but the capital speaks for a name
ADDRESSES = (
    r"(?<![\w.+-])[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]+\s?(?:\.|\(dot\)|\[dot\])\s?\w{2,}",
    r"https?://\S+|www\.\S+|(?<![\w.-])(?:[\w-]{1,63}\.){1,4}(?:com|org|net|edu|gov|info|io|me|co\.uk|de|fr|eu|nl|es|it|ch|at)(?:/\S*)?(?!\w)",
    r"(?<![\w@])@\w[\w.]{2,}",
    r"(?<!\w)\w{3,}#\d{4}(?!\d)",
    r"(?<!\w)[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}(?:\s?[A-Z0-9]{1,3})?(?!\w)",
)
NUMBER = re.compile(r"(?<![\w.,])\+?\(?\d[\d\s()/.-]{5,}\d(?!\w)")
FEWEST_WORDS = 4  # of a text in which a lone capital tells something; shorter ones may be titles
FEWEST_DIGITS = 7  # of a telephone number; fewer are counts, years and times
YEARS = re.compile(r"(?:1[89]|20)\d\d\s?[-/–]\s?(?:1[89]|20)?\d\d|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
CAPITAL = re.compile(r"(?<![\w'’-])[^\W\d_]+(?![\w-])")


def address_in(text: str, words: Words) -> str:
    """Return an address, a number, a link or an account name that stands in the text, or nothing.

    Examples
    --------
    >>> from elicit.guided.script import words_for
    >>> address_in("Write to a.b@example.org", words_for("en"))
    'a.b@example.org'
    >>> address_in("From 2019 to 2021, three times", words_for("en"))
    ''
    """
    for pattern in ADDRESSES:
        found = re.search(pattern, text)
        if found:
            return found.group()
    for pattern in words.personal.addresses:
        found = re.search(pattern, text, flags=re.IGNORECASE)
        if found:
            return found.group()
    return next((found.group().strip() for found in NUMBER.finditer(text) if _is_number(found.group())), "")


def _is_number(found: str) -> bool:
    return sum(letter.isdigit() for letter in found) >= FEWEST_DIGITS and not YEARS.fullmatch(found.strip())


def name_in(text: str, words: Words) -> str:
    """Return what looks like a name of somebody in a sentence, or nothing.

    Examples
    --------
    >>> from elicit.guided.script import words_for
    >>> name_in("Times when my friend Aylin was quiet", words_for("en"))
    'Aylin'
    >>> name_in("Moments when an AI waits", words_for("en"))
    ''
    """
    named = known_name_in(text, words)
    return named or (_lone_capital(text, words) if words.personal.lone_capitals else "")


def known_name_in(text: str, words: Words) -> str:
    """Return a given name, or a word that stands where names stand; for titles, where capitals tell nothing more.

    Examples
    --------
    >>> from elicit.guided.script import words_for
    >>> known_name_in("Harmony in Growth", words_for("en"))
    ''
    """
    personal = words.personal
    is_telling = not personal.has_capitals or _share_of_capitals(text) <= MOSTLY
    for pattern in personal.contexts if is_telling else ():
        for found in re.finditer(rf"(?<!\w){pattern}", text, flags=re.IGNORECASE):
            if not _is_known(found[1].split()[0], words):
                return found[1]
    listed = given_names(personal.given_names) if personal.has_capitals else frozenset()
    written = (found.group() for found in CAPITAL.finditer(text))
    return next((word for word in written if word in listed and not _is_known(word, words)), "")


def _is_known(word: str, words: Words) -> bool:
    return fold(word) in {fold(name) for name in words.personal.not_names}


def _lone_capital(text: str, words: Words) -> str:
    """Return a word with a capital that stands inside a sentence where the others are small."""
    if len(text.split()) < FEWEST_WORDS or _share_of_capitals(text) > SOME:
        return ""
    found = (hit for hit in CAPITAL.finditer(text) if re.search(r"[\w,;)]\s+$", text[: hit.start()]))
    inside = (hit.group() for hit in found if not _is_known(hit.group(), words))
    return next((word for word in inside if len(word) > 1 and word[0].isupper() and word[1:].islower()), "")


def _share_of_capitals(text: str) -> float:
    """Return how many of the words after the first have a capital, as a share."""
    spoken = re.findall(r"[^\W\d_]{2,}", text)[1:]
    return sum(word[0].isupper() for word in spoken) / len(spoken) if spoken else 0.0

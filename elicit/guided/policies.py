"""Turn a line into an attentional policy: things that one can pay attention to, named in the plural.

Rule: a policy is the person's own line with at most its front exchanged; which front, the script's file says.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from elicit.guided.script import Drafting, Words
from elicit.guided.wording import fold

LONGEST_POLICY = 20  # words
FEWEST_WORDS = 3  # of a line that was shortened
HEAD = 4  # words within which a plural noun must come


def as_policy(segment: str, words: Words, *, told: bool = False) -> str:
    """Turn a line into a policy that opens with a plural noun; empty when there is too little in it.

    With `told`, the line is a sentence out of a story and not of a list.

    Examples
    --------
    >>> from elicit.guided.script import words_for
    >>> as_policy("whether she is eating", words_for("en"))
    'Signs of whether she is eating'
    >>> as_policy("the small pauses before they answer", words_for("en"))
    'Small pauses before they answer'
    """
    drafting = words.drafting
    line = _shorten(without_lead_ins(segment.strip(), words), drafting)
    spoken = line.split()
    if not spoken or (len(spoken) == 1 and not _stands_alone(line, words)):
        return ""
    plain = fold(spoken[0]).strip(",.:")
    opener = _opener(plain, drafting, told=told) if len(spoken) > 1 else None
    if opener is None and plain.split("'")[0] != plain:
        opener = _opener(plain.split("'")[0], drafting, told=told)
    if opener == drafting.verb_opener and len(spoken) > 1 and fold(spoken[1]) in drafting.noun_signs:
        opener = None
    policy = _with_opener(opener or _by_its_shape(line, plain, drafting, told=told), line)
    return policy[0].upper() + policy[1:]


def without_lead_ins(line: str, words: Words) -> str:
    """Take off the front what only leads in to the line.

    Examples
    --------
    >>> from elicit.guided.script import words_for
    >>> without_lead_ins("Also, I'd look for the pauses", words_for("en"))
    'the pauses'
    """
    before = None
    while before != line:
        before = line
        for lead_in in words.drafting.lead_ins:
            found = re.match(rf"(?:{lead_in})(?:,|:)?\s+", fold(line, words.spelling))
            line = line[found.end() :] if found else line
    return line


def opens_well(line: str, drafting: Drafting) -> bool:
    """Return whether a line opens with things to attend to: an opener of the script, or a noun where one shows.

    A plural noun shows by its ending; so do some nouns for what cannot be counted, if more is said of them. A word in
    capitals is one that its author points at.

    Examples
    --------
    >>> from elicit.guided.script import words_for
    >>> opens_well("Small pauses before they answer", words_for("en").drafting)
    True
    >>> opens_well("Being honest", words_for("en").drafting)
    False
    """
    plain = fold(line)
    templates = [*drafting.first_words, *drafting.told_first_words, drafting.with_determiner, drafting.told_otherwise]
    openings = {fold(template.split("{")[0]).split()[0] for template in templates if template.split("{")[0].strip()}
    first = plain.split()[0].strip(",.:;\"'()") if plain.split() else ""
    if first in openings or _is_opener(first, drafting) or has_plural_head(line, drafting):
        return True
    return drafting.has_plural_check and _points_at_a_noun(line, first, drafting)


def _points_at_a_noun(line: str, first: str, drafting: Drafting) -> bool:
    if any(len(word) > FEWEST_WORDS and word.isupper() for word in line.split()[:HEAD]):
        return True
    is_noun = first.endswith(tuple(set(drafting.stands_alone) - set(drafting.endings)))
    return is_noun and any(word in drafting.ends_of_head for word in fold(line).split()[1:HEAD])


def _is_opener(word: str, drafting: Drafting) -> bool:
    return any(fnmatchcase(word, opener) for opener in drafting.openers)


def has_plural_head(line: str, drafting: Drafting) -> bool:
    """Return whether a plural noun stands at the head of the line, before any "that", "of" or "when".

    Examples
    --------
    >>> from elicit.guided.script import words_for
    >>> has_plural_head("Signs that she is tired", words_for("en").drafting)
    True
    """
    if not drafting.has_plural_check:
        return False
    for word in fold(line).split()[:HEAD]:
        bare = word.strip(",.:;\"'()“”")
        if _is_opener(bare, drafting):
            return True
        if bare in drafting.ends_of_head:
            return False
        if bare.endswith("s") and not bare.endswith(("ss", "us", "'s")) and bare not in drafting.not_plural:
            return True
        if word.endswith(","):
            return False
    return False


def _stands_alone(word: str, words: Words) -> bool:
    plain = fold(word, words.spelling).strip(".,!")
    is_noun = len(plain) > FEWEST_WORDS and plain.endswith(tuple(words.drafting.stands_alone))
    return is_noun or plain in words.slogans or (len(plain) > FEWEST_WORDS and has_plural_head(plain, words.drafting))


def _opener(first: str, drafting: Drafting, *, told: bool) -> str | None:
    tables = [drafting.told_first_words, drafting.first_words] if told else [drafting.first_words]
    return next((opener for table in tables for opener, listed in table.items() if first in listed), None)


def _by_its_shape(line: str, first: str, drafting: Drafting, *, told: bool) -> str:
    second = fold(line).split()[1] if len(line.split()) > 1 else ""
    if first in drafting.negations:
        ending = next((end for end in drafting.negated_endings if second.endswith(end)), None)
        return drafting.negated_endings[ending] if ending else drafting.otherwise
    if told and len(line.split()) > FEWEST_WORDS and first not in drafting.determiners:
        return drafting.told_otherwise
    if has_plural_head(line, drafting):
        return "{rest}" if first in drafting.determiners else "{line}"
    ending = next((end for end in drafting.endings if first.endswith(end)), None)
    if ending:
        return drafting.endings[ending]
    return drafting.with_determiner if first in drafting.determiners else drafting.otherwise


def _with_opener(opener: str, line: str) -> str:
    rest = line.split(maxsplit=1)[1] if len(line.split()) > 1 else line
    return opener.replace("{rest}", rest) if "{rest}" in opener else opener.replace("{line}", _within(line))


def _within(line: str) -> str:
    """Write a line as it stands within a sentence: small at its start, but for "I" and words in capitals."""
    first = line.split()[0]
    is_capital = first[:1] == "I" and not first[1:2].isalpha()
    return line if is_capital or (len(first) > 1 and first[:2].isupper()) else line[0].lower() + line[1:]


def _shorten(line: str, drafting: Drafting) -> str:
    spoken = line.split()
    if len(spoken) <= LONGEST_POLICY:
        return line
    for mark in drafting.reasons:
        start = re.split(mark, line, maxsplit=1)[0]
        if FEWEST_WORDS <= len(start.split()) <= LONGEST_POLICY:
            return start
    return " ".join(spoken[:LONGEST_POLICY])

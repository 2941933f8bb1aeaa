"""Make a model's words fit to be said to somebody: plain text, one question, not too long.

Rule: what was shown stays: whatever `settled` showed while the words arrived is how `as_question` begins in the end.
No markup, link or picture passes either of them.
"""

import re

LONGEST_QUESTION = 900  # characters; three times what the prompt asks for
MARKS = "?؟？"
QUOTES = {"“": "”", "«": "»", "„": "“", '"': '"'}
IMAGE = re.compile(r"!\[([^\]\n]*)\]\([^)\n]*\)")
LINK = re.compile(r"\[([^\]\n]+)\]\([^)\n]*\)")
ADDRESS = re.compile(r"(?:https?://|www\.)\S*", re.IGNORECASE)
TAG = re.compile(r"<[/!?A-Za-z][^<>\n]*>")
EMPHASIS = re.compile(r"[*_`]+")
HEADING = re.compile(r"^[ \t]*(?:#{1,6}|>|[-*+•])[ \t]+", re.MULTILINE)
LABEL = re.compile(r"\A\s*(?:interviewer|assistant|question)\s*:\s*", re.IGNORECASE)
STILL_OPEN = re.compile(r"(?:!?\[[^\]\n]*(?:\](?:\([^)\n]*)?)?|<[/!?A-Za-z][^<>\n]*|\S+)\Z")


def plain(text: str) -> str:
    """Return the words without markup, addresses and control characters.

    Examples
    --------
    >>> plain("**What** did [you](http://x.test) see? ![](http://x.test/a.png)")
    'What did you see?'
    """
    words = "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")
    words = _without_links_and_tags(words)
    words = EMPHASIS.sub("", HEADING.sub("", ADDRESS.sub("", words)))
    words = re.sub(r"[ \t]+", " ", LABEL.sub("", words))
    return re.sub(r" ?\n\s*", "\n", words).strip()


def as_question(text: str) -> str:
    """Return the words up to the end of their first question, as plain text; empty when nothing is left.

    Examples
    --------
    >>> as_question("You stayed. What did you notice? And then?")
    'You stayed. What did you notice?'
    """
    words = plain(text)
    end = _end_of_question(words)
    return _shortened(words[:end] if end else words)


def has_question(text: str) -> bool:
    """Say whether a whole question stands in the words.

    Examples
    --------
    >>> has_question("What did you see?"), has_question("You asked “why?” and then")
    (True, False)
    """
    return any(mark in text for mark in MARKS) and bool(_end_of_question(plain(text)))


def settled(text: str) -> str:
    """Return the words so far that no later words can change: nothing of a link or tag that is still open.

    Examples
    --------
    >>> settled("Look at [this](http")
    'Look at'
    """
    return as_question(STILL_OPEN.sub("", _without_links_and_tags(text)))


def _without_links_and_tags(text: str) -> str:
    before = None
    while before != text:
        before = text
        text = TAG.sub("", LINK.sub(r"\1", IMAGE.sub("", text)))
    return text


def _end_of_question(words: str) -> int:
    """Return where the first question outside quotation marks ends, or 0."""
    closing = ""
    for place, letter in enumerate(words):
        if closing:
            closing = "" if letter in (closing, "\n") else closing
        elif letter in QUOTES:
            closing = QUOTES[letter]
        elif letter in MARKS:
            return place + 1
    return 0


def _shortened(words: str) -> str:
    if len(words) <= LONGEST_QUESTION:
        return words
    return words[: LONGEST_QUESTION + 1].rsplit(None, 1)[0][:LONGEST_QUESTION]

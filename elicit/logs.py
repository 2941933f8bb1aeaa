"""Keep entry tokens and panel ids out of every log line, whoever writes it."""

import logging
import re

ENTRY_PATH = re.compile(r"(/(?:join|s|panel)/)[^/\s?\"']+(/?)(\?[^\s\"']*)?")


class RedactEntryTokens(logging.Filter):
    """Replace the token in `/join/TOKEN/`, `/s/TOKEN/` and `/panel/TOKEN/?IDS` by a word, and drop what follows."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = ENTRY_PATH.sub(r"\1[token]\2", record.getMessage())
        record.args = ()
        return True

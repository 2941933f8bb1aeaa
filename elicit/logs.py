"""Keep entry tokens out of every log line, whoever writes it."""

import logging
import re

ENTRY_PATH = re.compile(r"(/join/)[^/\s?\"']+")


class RedactEntryTokens(logging.Filter):
    """Replace the token in `/join/TOKEN/` by a word."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = ENTRY_PATH.sub(r"\1[token]", record.getMessage())
        record.args = ()
        return True

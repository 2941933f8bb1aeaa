"""Wiring only. Celery's application comes with the settings, so that every process speaks to the same broker."""

import sys

from config.celery import app as celery_app

__all__ = ["celery_app"]

SWITCH_SECONDS = 0.001  # many threads here come back from short waits; Python's 5 ms for each of them add up
sys.setswitchinterval(SWITCH_SECONDS)

"""Wiring only. Celery's application comes with the settings, so that every process speaks to the same broker."""

from config.celery import app as celery_app

__all__ = ["celery_app"]

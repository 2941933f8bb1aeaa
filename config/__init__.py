"""Wiring only. The Celery application is loaded with the settings, so that every process publishes to the same broker."""

from config.celery import app as celery_app

__all__ = ["celery_app"]

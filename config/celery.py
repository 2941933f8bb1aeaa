"""The Celery application: `celery -A config.celery worker`. Tasks live in each app's tasks.py."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("wellspring")
app.set_default()  # the server answers in threads, and only a default application is seen from all of them
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

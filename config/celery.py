"""The Celery application: `celery -A config.celery worker`. Tasks live in each app's tasks.py."""

import os
import threading
from typing import Any

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("wellspring")
app.set_default()  # the server answers in threads, and only a default application is seen from all of them
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def warm_up(**signal: Any) -> None:
    """Load the client of language models while nobody waits for it, where there are any."""
    from elicit.llm.backends.litellm_backend import load_if_needed

    threading.Thread(target=load_if_needed, name="warm-up", daemon=True).start()

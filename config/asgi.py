"""ASGI entry point: `uvicorn config.asgi:application`."""

import gc
import os

from django.core.asgi import get_asgi_application

# A graph is read as tens of thousands of small objects that all stay: Python's own threshold of 700 looks through them
# again and again in between, which is half of the time of a large graph's page.
OBJECTS_BETWEEN_COLLECTIONS = 50_000
gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, 20, 20)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_asgi_application()

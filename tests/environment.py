"""Loaded before Django's settings: gives the tests a data folder of their own, and each process of theirs another."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "WELLSPRING_TEST_DATA_DIR" not in os.environ:
    folder = tempfile.mkdtemp(prefix="wellspring-tests-")
    os.environ["WELLSPRING_TEST_DATA_DIR"] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
process = os.environ.get("PYTEST_XDIST_WORKER", "alone")
os.environ["WELLSPRING_DATA_DIR"] = str(Path(os.environ["WELLSPRING_TEST_DATA_DIR"]) / process)
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's sync API runs an event loop

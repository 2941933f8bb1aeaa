# The commands of this project. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8000
MODEL ?=
CAP ?= 0.25
VENV := .venv
PY := $(VENV)/bin/python
RULES := tests/test_architecture.py tests/test_documentation.py tests/test_settings.py
DEMO_ENV := env -u DATABASE_URL -u REDIS_URL -u DEBUG -u LLM_MODELS -u LLM_PURPOSES WELLSPRING_DATA_DIR=$(CURDIR)/var/demo

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: $(VENV)/.installed ## Make the environment in .venv

$(VENV)/.installed: requirements.txt requirements/site.txt requirements/training.txt
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements/training.txt
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements/dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements/dev.txt
	touch $@

demo: install ## Run the demo study from end to end, then serve the site
	$(DEMO_ENV) $(PY) manage.py demo --port $(PORT)

clean-demo: ## Forget the demo
	rm -rf var/demo

dev: install ## Serve the site with one worker
	$(PY) manage.py migrate --verbosity 0
	$(PY) manage.py dev --port $(PORT)

check: $(VENV)/.installed-dev ## Style, types, import contracts, migrations, the rules of the architecture
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(VENV)/bin/lint-imports --no-logo
	$(PY) manage.py check
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) -m mypy
	$(PY) -m pytest -q -n 2 $(RULES)

test: check ## Every test; says at the end what was skipped and why
	$(PY) -m pytest -n 2 --dist loadfile -m "not large" $(RULES:%=--ignore=%)
	@echo "Skipped: tests on a whole release of PRISM's size. They take minutes: make test-large."
	@if [ -n "$$TEST_DATABASE_URL" ]; then \
	  echo "Again on PostgreSQL, with the tests that need it:"; \
	  DATABASE_URL=$$TEST_DATABASE_URL $(PY) -m pytest -n 2 --dist loadfile --only-with-database \
	    -m "not slow and not large and not browser" \
	    --ignore=tests/elicit/analysis --ignore-glob="*/test_prism_*" \
	    tests/elicit tests/moralgraph tests/training/site tests/test_journey.py; \
	else \
	  echo "Skipped: the second run on PostgreSQL, because TEST_DATABASE_URL is not set."; \
	fi
	@if [ -z "$$TEST_REDIS_URL" ]; then echo "Skipped: tests on Redis, because TEST_REDIS_URL is not set."; fi

test-large: $(VENV)/.installed-dev ## The tests on a whole synthetic release of PRISM's size
	$(PY) -m pytest -m large tests/elicit/prism tests/elicit/analysis

messages: $(VENV)/.installed-dev ## Bring the translations of the pages up to date
	$(PY) -m tests.catalogue

check-live: install ## Try a real model on the interview: make check-live MODEL=openai/NAME CAP=0.25
	@test -n "$(MODEL)" || { echo "Say which model: make check-live MODEL=openai/NAME (its key in OPENAI_API_KEY)"; exit 1; }
	$(PY) manage.py migrate --verbosity 0
	$(PY) manage.py check_live --model "$(MODEL)" --cap-usd "$(CAP)"

bench-tiny: install ## Train the tiny model with 3 seeds beside the lexical baseline
	$(PY) benchmarks/tiny.py

bench-interviews: $(VENV)/.installed-dev ## 300 interviews at once on PostgreSQL and Redis, everything restarted in turn
	$(PY) benchmarks/interviews.py

bench-dedup: $(VENV)/.installed-dev ## Put 10,000 cards together without a model, and place one more
	$(PY) benchmarks/dedup.py

bench-analysis: $(VENV)/.installed-dev ## Rank 21 models on 42,306 battles with 1,000 resamples of people
	$(PY) benchmarks/analysis.py

bench-explorer: $(VENV)/.installed-dev ## Open the graph explorer on 5,000 made-up values in Chromium: first paint, panning, payload
	$(PY) benchmarks/explorer.py

bench-graph: $(VENV)/.installed-dev ## Build and rank a million judgements; bootstrap, layout, reading: seconds, memory, ratios
	$(PY) benchmarks/graph.py

bench-prism: $(VENV)/.installed-dev ## Make up a release as large as PRISM, then validate it: seconds and memory
	$(PY) benchmarks/prism.py

bench-known-truth: $(VENV)/.installed-dev ## How often each method finds the wisest card, in made-up studies whose truth is known
	$(PY) benchmarks/known_truth.py

.PHONY: help install demo clean-demo dev check check-live test bench-tiny bench-interviews bench-analysis bench-dedup bench-graph bench-known-truth bench-prism bench-explorer test-large messages

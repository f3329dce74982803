# Two commands are all that a fresh machine needs: `make demo` and `make test`.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

export PORT
export CONSENTGATE

.PHONY: help demo test lint bench screenshots chromium clean

help:
	@echo 'make demo         the example site behind the gate, on http://127.0.0.1:$(PORT)'
	@echo '                  CONSENTGATE=off make demo shows it without the gate'
	@echo 'make test         everything that is checked: style, types, tests, a real browser'
	@echo 'make lint         style and types only'
	@echo 'make bench        every benchmark; each prints its ratio'
	@echo 'make screenshots  the pictures in docs/, taken anew'
	@echo 'make clean        remove what make has made'

demo: $(VENV)/.demo
	@exec $(BIN)/python -m example_site

test: lint chromium
	$(BIN)/python -m pytest

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.dev
	@set -e; for benchmark in benchmarks/*.py; do \
		[ -e "$$benchmark" ] || continue; \
		echo "== $$benchmark"; $(BIN)/python "$$benchmark"; \
	done

screenshots: chromium
	$(BIN)/python -m tests.browser.screenshots

chromium: $(VENV)/.dev
	@$(BIN)/python -m tests.browser.chromium

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps say which extras are installed; a newer pyproject.toml installs them again.

$(VENV)/.demo: pyproject.toml | $(VENV)/.made
	$(PIP) install --editable '.[server]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/.made
	$(PIP) install --editable '.[dev]'
	@touch $@ $(VENV)/.demo

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'consentgate needs Python 3.11 or newer, and $(PYTHON) is no such one.' >&2; \
		echo 'Name one, for example: make PYTHON=python3.12' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { \
		echo 'No virtual environment can be made. On Debian: apt-get install python3-venv' >&2; \
		rm -rf $(VENV); exit 1; }
	@touch $@

# Two commands are all that a fresh machine needs: `make demo` and `make test`.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

export PORT
export CONSENTGATE

# What the scanner in C is built from; where no C compiler is, it is left out.
SCANNER := setup.py consentgate/gate/html/_scanner.c
FUZZ_SECONDS ?= 600

.PHONY: help demo test lint bench fuzz screenshots injection chromium clean

help:
	@echo 'make demo         the example site behind the gate, on http://127.0.0.1:$(PORT)'
	@echo '                  CONSENTGATE=off make demo shows it without the gate'
	@echo 'make test         everything that is checked: style, types, tests, a real browser'
	@echo 'make lint         style and types only'
	@echo 'make bench        every benchmark; each prints its ratio'
	@echo 'make fuzz         both scanners on damaged pages, for FUZZ_SECONDS=$(FUZZ_SECONDS)'
	@echo 'make screenshots  every screen in build/screenshots, and those in docs/, taken anew'
	@echo 'make injection    every way past the gate in every engine, and its table in docs/'
	@echo 'make clean        remove what make has made'

demo: $(VENV)/.demo
	@exec $(BIN)/python -m example_site

# A file of tests stays in one process: what its tests share is made once.
test: lint chromium
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.bench
	@set -e; for benchmark in benchmarks/*.py; do \
		[ -e "$$benchmark" ] || continue; \
		echo "== $$benchmark"; $(BIN)/python "$$benchmark"; \
	done

fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS)

screenshots: chromium
	$(BIN)/python -m tests.browser.screenshots

injection: chromium
	$(BIN)/python -m tests.browser.injection --write

chromium: $(VENV)/.dev
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m tests.browser.nginx
	@$(BIN)/python -m tests.browser.engines

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -f consentgate/gate/html/_scanner.*.so consentgate/gate/html/_scanner.pyd
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps say which extras are installed; a newer pyproject.toml installs them again, and so
# does a newer scanner, which is built by that.

$(VENV)/.demo: pyproject.toml $(SCANNER) | $(VENV)/.made
	$(PIP) install --editable '.[server]'
	@touch $@

$(VENV)/.dev: pyproject.toml $(SCANNER) | $(VENV)/.made
	$(PIP) install --editable '.[dev]'
	@touch $@ $(VENV)/.demo

$(VENV)/.bench: pyproject.toml $(SCANNER) | $(VENV)/.made
	$(PIP) install --editable '.[bench]' || $(PIP) install --editable '.[dev]'
	@touch $@ $(VENV)/.dev $(VENV)/.demo

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'consentgate needs Python 3.11 or newer, and $(PYTHON) is no such one.' >&2; \
		echo 'Name one, for example: make PYTHON=python3.12' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { \
		echo 'No virtual environment can be made. On Debian: apt-get install python3-venv' >&2; \
		rm -rf $(VENV); exit 1; }
	@touch $@

# `make demo`: from a fresh machine with Python and make to a graded submission. `make test`: everything that is quick; `make test-all`: the rest.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_TEST := $(VENV)/.installed-test
PIP_INSTALL := PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --compile --constraint constraints.txt

.PHONY: demo test test-all lint clean
.DELETE_ON_ERROR:

demo: $(INSTALLED)
	$(BIN)/mlestar demo

test: lint
	$(BIN)/python -m pytest -m "not slow"

# Only what `make test` leaves out, so that nothing runs twice.
test-all: $(INSTALLED_TEST)
	$(BIN)/python -m pytest -m slow

lint: $(INSTALLED_TEST)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(INSTALLED) $(INSTALLED_TEST) build *.egg-info .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# The interpreter is checked first; an old pip would search for fitting versions for minutes, so it is upgraded.
$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "make: there is no $(PYTHON): install Python 3.11 or later, or give one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is $$($(PYTHON) --version), 3.11 or later is needed: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "make: $(PYTHON) cannot make virtual environments: on Debian and Ubuntu, apt install python3-venv" >&2; exit 1; }
	@echo "installing into $(VENV), about a minute"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip

$(INSTALLED): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) --editable .
	@touch $@

$(INSTALLED_TEST): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) --editable '.[test]'
	@touch $(INSTALLED) $@

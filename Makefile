# Everything a fresh machine needs comes from here: Python 3.11, make and git are enough.
.DEFAULT_GOAL := help
.PHONY: help install install-dev run test test-full bench check docs lock clean
SHELL := /bin/sh

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
UV := 0.13.9
ARGS ?=
export OPENBLAS_NUM_THREADS := 1
# Byte code makes everything start twice as fast; some machines forbid it by this variable.
unexport PYTHONDONTWRITEBYTECODE

# A stamp carries the hash of its lock: another lock, another stamp, a new installation.
hash_of = $(shell cat $(1) pyproject.toml | cksum | tr -d ' ')
STAMP := $(VENV)/.installed-$(call hash_of,requirements.txt)
STAMP_DEV := $(VENV)/.installed-dev-$(call hash_of,requirements-dev.txt)

help: ## this text
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

install: $(STAMP) ## what the product needs, into .venv

install-dev: $(STAMP_DEV) ## what building and testing need as well

run: $(STAMP) ## the whole flow on a synthetic city: UI stays up until Ctrl-C; ARGS=--once ends after the summary
	@exec $(BIN)/python -m talentpool_airflow.demo_run $(ARGS)

test: $(STAMP_DEV) ## all tests; ARGS="tests/unit -k name" picks some
	$(BIN)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder -m "not slow" $(ARGS)

test-full: $(STAMP_DEV) ## all tests, the slow many-seed ones too
	$(BIN)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder $(ARGS)

bench: $(STAMP_DEV) ## benchmarks with their peers, ratios measured in one run
	@if [ -f bench/__main__.py ]; then exec $(BIN)/python -m bench $(ARGS); \
	else echo "there are no benchmarks yet; they come with a later release" >&2; exit 6; fi

check: $(STAMP_DEV) ## lint, format, who imports whom, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/mypy -p talentpool -p talentpool_airflow -p bench

docs: $(STAMP_DEV) ## write the pages of docs/ that are made from the code and the tables
	$(BIN)/python docs/tables.py
	$(BIN)/python docs/logins.py
	$(BIN)/python docs/access.py

lock: $(STAMP_DEV) ## compile both locks from the .in files; ARGS=--upgrade takes the newest versions
	$(BIN)/uv pip compile --generate-hashes --python-version 3.11 --no-emit-index-url $(ARGS) requirements.in -o requirements.txt
	$(BIN)/uv pip compile --generate-hashes --python-version 3.11 --no-emit-index-url $(ARGS) requirements-dev.in -o requirements-dev.txt

clean: ## remove the environment and caches; data under .talentpool stays
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
	find include dags plugins tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/uv:
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 is needed and was not found; name it: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
	  || { echo "Python 3.11 is needed, $(PYTHON) is another one; name it: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	[ -x $(BIN)/python ] || "$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)

# uv is quick; where only pip knows the way to the packages (its own configuration), pip does it.
define install
	$(BIN)/uv pip install --python $(BIN)/python --require-hashes -r $(1) \
	  || $(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r $(1)
	$(BIN)/uv pip install --python $(BIN)/python --no-deps -e . \
	  || $(BIN)/python -m pip install --disable-pip-version-check --no-deps -e .
	@echo "compiling byte code, once"
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib include dags plugins >/dev/null 2>&1 || true
	@rm -f $(2)* && touch $@
endef

$(STAMP): | $(BIN)/uv
	$(call install,requirements.txt,$(VENV)/.installed-[0-9])

$(STAMP_DEV): $(STAMP) | $(BIN)/uv
	$(call install,requirements-dev.txt,$(VENV)/.installed-dev-)

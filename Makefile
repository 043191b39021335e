# Everything a fresh machine needs comes from here: Python 3.11, 3.12 or 3.13, make and git are enough.
.DEFAULT_GOAL := help
.PHONY: help install install-dev run test test-fast test-full bench check docs sbom lock clean
SHELL := /bin/sh

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
export OPENBLAS_NUM_THREADS := 1
# Byte code makes everything start twice as fast; some machines forbid it by this variable.
unexport PYTHONDONTWRITEBYTECODE

# A stamp carries the hash of its lock: another lock, another stamp, a new installation. Each lock adds to the one before.
hash_of = $(shell cat $(1) pyproject.toml | cksum | tr -d ' ')
STAMP_BUILD := $(VENV)/.installed-build-$(call hash_of,requirements-build.txt)
STAMP := $(VENV)/.installed-$(call hash_of,requirements.txt)
STAMP_DEMO := $(VENV)/.installed-demo-$(call hash_of,requirements-demo.txt)
STAMP_DEV := $(VENV)/.installed-dev-$(call hash_of,requirements-dev.txt)

# Wheels whose hash is in the lock, and nothing built but lunar-python, which has none: with the setuptools of the lock.
HASHED := --require-hashes --no-build-isolation --only-binary :all: --no-binary lunar-python
COMPILE = $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url \
	--only-binary :all: --no-binary lunar-python $(ARGS)

help: ## this text
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

install: $(STAMP) ## what the product needs, into .venv

install-dev: $(STAMP_DEV) ## what building and testing need as well

run: $(STAMP_DEMO) ## the whole flow on a synthetic city: UI stays up until Ctrl-C; ARGS=--once ends after the summary
	@exec $(BIN)/python -m talentpool_airflow.demo_run $(ARGS)

test: $(STAMP_DEV) ## all tests; ARGS="tests/unit -k name" picks some
	$(BIN)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder -m "not slow" $(ARGS)

test-fast: $(STAMP_DEV) ## within a minute, what needs no database, Airflow or browser
	$(BIN)/python -m pytest -q -n auto --dist loadscope -m "not (database or airflow or browser or slow)" $(ARGS)

test-full: $(STAMP_DEV) ## all tests, the slow many-seed ones too
	$(BIN)/python -m pytest -n 3 --dist loadscope --no-loadscope-reorder $(ARGS)

bench: $(STAMP_DEV) ## benchmarks with their peers, ratios measured in one run
	@if [ -f bench/__main__.py ]; then exec $(BIN)/python -m bench $(ARGS); \
	else echo "there are no benchmarks yet; they come with a later release" >&2; exit 6; fi

check: $(STAMP_DEV) ## lint, format, who imports whom, types, declared dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/mypy -p talentpool -p talentpool_airflow -p simulators -p bench
	$(BIN)/deptry include dags plugins
	$(BIN)/deptry tests tests/support bench docs --exclude '^$$' --ignore DEP002,DEP004

docs: $(STAMP_DEV) ## write the pages of docs/ that are made from the code and the tables
	$(BIN)/python docs/tables.py
	$(BIN)/python docs/logins.py
	$(BIN)/python docs/access.py
	$(BIN)/python docs/licences.py

sbom: $(STAMP_DEV) ## what an office's container holds, with licences and who needs whom: build/sbom.cdx.json (CycloneDX)
	@rm -rf build/sbom build/sbom-writer && mkdir -p build
	$(BIN)/python -m venv --without-pip build/sbom
	$(BIN)/uv pip install --quiet --python build/sbom/bin/python --require-hashes -r requirements-build.txt
	$(BIN)/uv pip install --quiet --python build/sbom/bin/python $(HASHED) -r requirements.txt
	$(BIN)/uv pip install --quiet --python build/sbom/bin/python --no-build-isolation --no-deps .
	$(BIN)/uv pip uninstall --quiet --python build/sbom/bin/python uv
	$(BIN)/python -m venv --without-pip build/sbom-writer
	$(BIN)/uv pip install --quiet --python build/sbom-writer/bin/python $(HASHED) -r requirements-sbom.txt
	build/sbom-writer/bin/cyclonedx-py environment --pyproject pyproject.toml --mc-type application --output-reproducible \
	  --output-format JSON --output-file build/sbom.cdx.json build/sbom/bin/python
	$(BIN)/python -m docs.sbom build/sbom.cdx.json

lock: $(STAMP_DEV) ## compile the locks from the .in files; ARGS=--upgrade takes the newest versions
	$(COMPILE) requirements-build.in -o requirements-build.txt
	$(COMPILE) -c requirements-build.txt requirements.in -o requirements.txt
	$(COMPILE) -c requirements.txt requirements-demo.in -o requirements-demo.txt
	$(COMPILE) -c requirements.txt -c requirements-demo.txt requirements-dev.in -o requirements-dev.txt
	$(COMPILE) -c requirements.txt -c requirements-dev.txt requirements-sbom.in -o requirements-sbom.txt

clean: ## remove the environment and caches; data under .talentpool stays
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
	find include dags plugins tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP_BUILD):
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 is needed and was not found; name it: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "Python 3.11, 3.12 or 3.13 is needed, $(PYTHON) is another one; name it: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	[ -x $(BIN)/python ] || "$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-build.txt
	@rm -f $(VENV)/.installed-build-* && touch $@

# uv is quick; where only pip knows the way to the packages (its own configuration), pip does it.
define install
	$(BIN)/uv pip install --python $(BIN)/python $(HASHED) -r $(1) \
	  || $(BIN)/python -m pip install --disable-pip-version-check $(HASHED) -r $(1)
endef

define installed
	@echo "compiling byte code, once"
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib include dags plugins >/dev/null 2>&1 || true
	@rm -f $(1)* && touch $@
endef

$(STAMP): $(STAMP_BUILD)
	$(call install,requirements.txt)
	$(BIN)/uv pip install --python $(BIN)/python --no-build-isolation --no-deps -e . \
	  || $(BIN)/python -m pip install --disable-pip-version-check --no-build-isolation --no-deps -e .
	$(call installed,$(VENV)/.installed-[0-9])

$(STAMP_DEMO): $(STAMP)
	$(call install,requirements-demo.txt)
	$(call installed,$(VENV)/.installed-demo-)

$(STAMP_DEV): $(STAMP_DEMO)
	$(call install,requirements-dev.txt)
	$(call installed,$(VENV)/.installed-dev-)

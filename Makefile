# Needs only python3 (3.11 to 3.13) and pip. `make` alone lists the targets.
PYTHON ?= python3
BIN := .venv/bin
# One thread of linear algebra for each worker: two workers on two cores would stand in each other's way.
PYTEST := OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest
FAST := -n 2 -m "not slow and not docs"
# COVER=1 measures what the tests run; TESTED=1 says that they have just run so, and need not again.
COVERED := $(BIN)/coverage erase && OPENBLAS_NUM_THREADS=1 $(BIN)/coverage run -m pytest $(FAST)

# What Python compiles is kept, whatever the shell says: the tests start some hundred programs.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help up test check nightly bench docs screenshot lock clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

.venv/ready: requirements/build.txt requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else f"Python {v[0]}.{v[1]} found; Fondaco needs 3.11 to 3.13. Name one: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

up: .venv/ready ## set up, load the bundled prices, run a cycle, serve the terminal
	$(BIN)/fondaco up

test: .venv/ready ## run the tests (under ten minutes on two cores)
	$(if $(COVER),$(COVERED),$(PYTEST) $(FAST))

check: .venv/ready ## lint, types, import contract, caps, coverage, and every example of the docs
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(if $(TESTED),,$(COVERED))
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --skip-covered
	$(PYTEST) -m "docs or (e2e and slow)"
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

nightly: .venv/ready ## the slow tests: hundreds of kills, long properties
	$(PYTEST) -n 2 -m slow

bench: .venv/ready ## run the benchmarks and print ratios
	$(BIN)/python -m bench

docs: .venv/ready ## write the generated reference and build the site
	$(BIN)/python docs/generate.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

screenshot: .venv/ready ## take the picture of the terminal for the README
	$(BIN)/python docs/screenshot.py

lock: .venv/ready ## write requirements/*.txt with hashes from pyproject.toml
	$(BIN)/uv lock --quiet --upgrade
	$(BIN)/uv export --quiet --no-header --no-emit-project --only-group build -o requirements/build.txt
	$(BIN)/uv export --quiet --no-header --no-emit-project --no-default-groups -o requirements/main.txt
	$(BIN)/uv export --quiet --no-header --no-emit-project --all-extras --all-groups -o requirements/dev.txt

clean: ## remove what was built here; the desk's data stays
	rm -rf .venv site dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.*

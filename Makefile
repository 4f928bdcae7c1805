# Everything a fresh machine needs: Debian (or alike) with Python >= 3.11, its venv module, and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000
# Of nodes that run (`make cluster` starts some), for the benchmarks that need them.
OPENSEARCH ?= http://127.0.0.1:9200
PYTEST_ARGS ?=
# Processes that share the tests.
JOBS ?= auto
FUZZ ?= 500

.PHONY: demo test cluster golden examples fuzz lint format bench bench-quick bench-ingest bench-names bench-alerts bench-page bench-writers bench-agree bench-cluster screenshots score clean setup

demo: $(VENV)/.installed  ## index the bundled sample and serve it until Ctrl-C
	$(BIN)/dateline demo --port $(PORT)

test: lint  ## lint, then every test; PYTEST_ARGS=tests/http runs a part
	$(BIN)/python -m pytest -n $(JOBS) --maxprocesses 4 --dist loadscope $(PYTEST_ARGS)

cluster:  ## start three OpenSearch nodes on loopback until Ctrl-C; needs Maven and a JDK; NODES=1 PORT=9200 HEAP=4g
	$(PYTHON) deploy/opensearch/opensearch_nodes.py --nodes $(or $(NODES),3) --port $(if $(filter file,$(origin PORT)),9200,$(PORT)) $(if $(HEAP),--heap $(HEAP))

golden: $(VENV)/.installed-test  ## write the golden files anew; read the difference before committing it
	$(BIN)/python tests/golden.py --write

examples: $(VENV)/.installed-test  ## perform the examples of api/examples.py and write their answers
	$(BIN)/python tests/examples.py --write

fuzz: $(VENV)/.installed-test  ## requests of every kind that the description allows and forbids, minutes; FUZZ=5000 longer
	$(BIN)/python tests/fuzz.py $(FUZZ)

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-bench  ## compare with other engines at 105k and 1.05 M paragraphs, most of an hour
	$(BIN)/python tests/benchmarks/compare.py

bench-quick: $(VENV)/.installed-bench  ## the same at 105k paragraphs alone
	$(BIN)/python tests/benchmarks/compare.py --quick --sizes 105k

score: $(VENV)/.installed-test  ## score dates and names against the gold sets; writes README's table
	$(BIN)/python tests/benchmarks/score.py

bench-names: $(VENV)/.installed-test  ## finding names against the same model under spaCy alone, minutes
	$(BIN)/python tests/benchmarks/names.py

bench-ingest: $(VENV)/.installed-test  ## 1,000 ninjs items by HTTP into a real server, minutes
	$(BIN)/python tests/benchmarks/ingest.py

bench-alerts: $(VENV)/.installed-test  ## new articles against 10,000 saved searches
	$(BIN)/python tests/benchmarks/alerts.py

bench-writers: $(VENV)/.installed-test  ## one `dateline work` and two on PostgreSQL and OPENSEARCH=URL, minutes
	$(BIN)/python tests/benchmarks/writers.py --opensearch $(OPENSEARCH)

bench-agree: $(VENV)/.installed-test  ## 500 queries of each shape on both engines, OPENSEARCH=URL, up to an hour
	$(BIN)/python tests/benchmarks/cluster.py agree --opensearch $(OPENSEARCH)

bench-cluster: $(VENV)/.installed-test  ## the faceted job by HTTP on both engines, OPENSEARCH=URL of one node, up to an hour
	$(BIN)/python tests/benchmarks/cluster.py http --opensearch $(OPENSEARCH) --shards 1 --sizes 105k,1050k

bench-page: $(VENV)/.installed-test  ## from a key press to results painted, and the page's weight, in Chromium
	$(BIN)/python tests/benchmarks/page.py

screenshots: $(VENV)/.installed-test  ## every page, wide and narrow, light and dark, to build/screenshots
	$(BIN)/python tests/browser/screenshots.py

setup: $(VENV)/.installed-test

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Dateline needs Python 3.11 or newer; name one with 'make PYTHON=python3.12 $(MAKECMDGOALS)'" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "No virtual environment could be made; on Debian: apt install python3-venv" >&2; exit 1; }

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-bench: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,bench]'
	@touch $@ $(VENV)/.installed-test $(VENV)/.installed

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# Everything a developer runs. The environment is made on demand and again when the lock changes.
#
#   make demo    Spanloom with a mesh of real Envoys; DEMO="--errors 0.3" passes options on
#   make test    lint, types, import rules and all tests; TESTS="tests/model -k tree" narrows them
#   make bench   the measurements of docs/PERFORMANCE.md; STORE=postgresql measures that engine,
#                BENCH="…" passes options on

VENV ?= .venv
STAMP := $(VENV)/.installed
BIN := $(VENV)/bin
DEMO ?=
TESTS ?=
BENCH ?=
STORE ?= duckdb

# Where nobody can press Ctrl-C, the demo ends after its report.
ifdef CI
DEMO += --no-keep-running
endif

.DEFAULT_GOAL := help
.PHONY: help setup ui demo test check lint types imports ui-tests format bench bench-tools lock clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## make the environment

$(STAMP): requirements/dev.txt pyproject.toml hatch_build.py $(wildcard api/jaeger/grpc/protos/*.proto) \
		scripts/setup.sh scripts/promtool.sh
	VENV=$(VENV) scripts/setup.sh
	@touch $@

UI := api/ui/bundle/index.html
UI_SOURCES := $(shell find ui -path ui/node_modules -prune -o -type f ! -name schema.d.ts -print)

ui: $(UI) ## build the web UI

$(UI): $(STAMP) $(UI_SOURCES) api/openapi.yaml
	$(BIN)/python hatch_build.py ui

demo: $(UI) ## run Spanloom with Bookinfo behind real Envoys
	@$(BIN)/python -m deploy.demo $(DEMO)

test: check ui-tests ## run every check and every test, a file a core at a time
	$(BIN)/pytest --numprocesses logical --dist loadfile $(TESTS)

check: lint types imports

# What npm runs asks the path for Node.
NPM := PATH="$(abspath $(BIN)):$$PATH" $(BIN)/npm --prefix ui --silent

lint: $(UI) ## find faults in style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(NPM) run lint

types: $(UI)
	$(BIN)/mypy
	$(BIN)/mypy --package deploy
	$(NPM) run types

ui-tests: $(UI)
	$(NPM) test

imports: $(STAMP)
	$(BIN)/lint-imports

format: $(STAMP) ## mend what can be mended in style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(NPM) run format

bench: $(UI) bench-tools ## measure
	$(BIN)/python -m bench --store $(STORE) $(BENCH)

# The load client is C: it must not be what limits a measurement.
bench-tools:
	@echo '#include <nghttp2/nghttp2.h>' | cc -E - >/dev/null 2>&1 || \
		scripts/debian-packages.sh gcc libc6-dev libnghttp2-dev

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
	--generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links
lock: export UV_CUSTOM_COMPILE_COMMAND := make lock
lock: $(STAMP) ## lock the newest versions pyproject.toml allows
	$(LOCK) pyproject.toml --output-file requirements/run.txt
	$(LOCK) --group build --output-file requirements/build.txt
	$(LOCK) pyproject.toml --group dev --output-file requirements/dev.txt

clean: ## remove the environment, caches and the demo's data
	rm -rf $(VENV) spanloom-data/demo dist build api/ui/bundle ui/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

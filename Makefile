# Every target installs what it needs into .venv. uv is used where it is on the PATH.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
TOOLS := .venv/.tools

.DEFAULT_GOAL := help
.PHONY: help demo test check accuracy bench sensors delivery page scale plots boards lock clean

help: ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

demo: $(STAMP) ## a model lifter on the live page, with all that is behind it
	$(BIN)/hiprep demo

test: $(TOOLS) ## run the tests
	$(BIN)/python -m pytest --ignore=tests/page
	$(BIN)/python -m pytest tests/page  # browsers, with no other test's leavings beside them

check: $(TOOLS) ## lint, format, types, import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	! grep -nE '://|^-' constraints.txt deploy/requirements.txt deploy/cluster/requirements.txt

accuracy: $(TOOLS) ## measure the accuracy, write docs/accuracy.md
	$(BIN)/python -m tests.benchmarks.accuracy

bench: $(TOOLS) ## measure the speed, write docs/speed.md
	$(BIN)/python -m tests.benchmarks.speed

sensors: $(TOOLS) ## measure sensors and recordings, write docs/sensors.md
	$(BIN)/python -m tests.benchmarks.sensors

delivery: $(TOOLS) ## measure the way to the database, write docs/delivery.md
	$(BIN)/python -m tests.benchmarks.delivery

page: $(TOOLS) ## measure the live page, write docs/live-page.md
	$(BIN)/python -m tests.benchmarks.live_page

scale: $(TOOLS) ## measure the work on an archive, write docs/scale.md
	$(BIN)/python -m tests.benchmarks.scale

plots: $(TOOLS) ## draw the sessions in docs/plots
	$(BIN)/python -m tests.benchmarks.plots

boards: $(TOOLS) ## write the dashboards of Grafana anew, and pictures of them
	$(BIN)/python -m dashboards.grafana
	$(BIN)/python -m tests.dashboards.draw docs/boards --only gym

lock: ## renew constraints.txt and both requirements.txt from pyproject.toml (needs uv)
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras \
	    --generate-hashes --no-annotate --custom-compile-command "make lock" \
	    pyproject.toml --output-file constraints.txt
	printf 'editables>=0.5\nhatchling>=1.27\n' | uv pip compile --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-annotate --custom-compile-command "make lock" \
	    --constraint constraints.txt pyproject.toml - --output-file deploy/requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --extra cluster \
	    --generate-hashes --no-annotate --custom-compile-command "make lock" \
	    --constraint constraints.txt pyproject.toml --output-file deploy/cluster/requirements.txt

clean: ## remove .venv, caches and builds
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What hiprep itself needs: soon there, so that a first look is soon to be had.
$(STAMP): pyproject.toml deploy/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	    { echo "hiprep needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Installing into .venv"
	@if command -v uv >/dev/null; then \
	    uv venv --quiet --clear --python "$(PYTHON)" .venv && \
	    uv pip install --quiet --python $(BIN)/python --require-hashes -r deploy/requirements.txt && \
	    uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
	    "$(PYTHON)" -m venv --clear .venv && \
	    $(BIN)/python -m pip install -qq --require-hashes -r deploy/requirements.txt && \
	    $(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .; \
	fi
	@touch $@

# And what tests, checks and reports need beside it.
$(TOOLS): $(STAMP) constraints.txt
	@echo "Installing what tests and checks need"
	@if command -v uv >/dev/null; then \
	    uv pip install --quiet --python $(BIN)/python --require-hashes -r constraints.txt; \
	else \
	    $(BIN)/python -m pip install -qq --require-hashes -r constraints.txt; \
	fi
	@touch $@

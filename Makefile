# Everything is installed below .venv; nothing else on the machine is touched,
# except that `make test` installs Debian's chromium where it may.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help install run check test thorough browser kernels bench lock clean

BIN := .venv/bin
INSTALLED := .venv/installed
UV_VERSION := 0.13.8
OLDEST_PYTHON := 3.11
TESTS_DEMO := .venv/tests/demo
# a process a core, of at most 1 GB each
PROCESSES := $(shell n=$$(nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2); echo $$((n > 8 ? 8 : n)))
PYTEST := STOKER_TESTS_DEMO=$(CURDIR)/$(TESTS_DEMO) $(BIN)/python -m pytest -n $(PROCESSES)
NOT_BENCHMARKS := $(addprefix bench/,accasim_run.py histories.py measuring.py)
PYTHONS := python3.13 python3.12 python3.11 python3.14 python3 python

export UV_PYTHON_DOWNLOADS := never

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: install ## Open the dashboard on the demo history (Ctrl-C stops it)
	@$(BIN)/stoker serve --demo

test: browser ## Run every check and every test
	$(MAKE) --no-print-directory -j 2 check kernels
	$(PYTEST) --dist loadfile --ignore tests/e2e -m "not thorough"
	$(PYTEST) -m "not thorough" tests/e2e
	@echo "The tests marked thorough (repeats, more spellings, more moments of a kill) were left out: make thorough"

thorough: kernels ## Run the tests that 'make test' leaves out to stay under 15 minutes
	$(PYTEST) --dist loadfile --ignore tests/e2e -m thorough
	$(PYTEST) -m thorough tests/e2e

check: install ## Check format, style, types, imports and dependencies
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

# compiled, and the demo history imported, once here: each process of the tests finds both
kernels: install
	@rm -rf $(TESTS_DEMO) && $(BIN)/stoker demo --home $(TESTS_DEMO) >/dev/null
	@for name in "keep_alive_advice --set p90_target_s=60" pool_merges \
		"keep_alive_curve --set reuse=both" "share_replay --where queue_name=demo-training" \
		"share_replay --where queue_name=demo-shared"; do \
		$(BIN)/stoker ask $$name --home $(TESTS_DEMO) >/dev/null; done

bench: install ## Run the benchmarks (not part of the tests)
	@for benchmark in $(filter-out $(NOT_BENCHMARKS),$(wildcard bench/*.py)); do \
		echo "== $$benchmark"; $(BIN)/python "$$benchmark"; done

lock: install ## Pin every dependency anew in requirements.lock.txt
	$(BIN)/uv pip compile --quiet --universal -p $(OLDEST_PYTHON) --generate-hashes --no-header \
		--no-annotate pyproject.toml --all-extras --group dev -o requirements.lock.txt
	@if grep -nE 'https?://' requirements.lock.txt; then \
		echo "The lock names an address: it must install from any index." >&2; exit 1; fi

install: $(INSTALLED) ## Install into .venv; does nothing when it is up to date

$(INSTALLED): requirements.lock.txt pyproject.toml
	@suits='import ensurepip, sys, venv; sys.exit(sys.version_info < tuple(map(int, "$(OLDEST_PYTHON)".split("."))))'; \
	if ! $(BIN)/python -c "$$suits" 2>/dev/null; then \
		for python in $(PYTHONS); do \
			if "$$python" -c "$$suits" 2>/dev/null; then found=$$python; break; fi; \
		done; \
		if [ -z "$${found:-}" ]; then \
			echo "No Python $(OLDEST_PYTHON) or newer with venv was found (tried: $(PYTHONS))." >&2; \
			echo "Install one, for example: apt-get install python3 python3-venv" >&2; \
			exit 1; \
		fi; \
		echo "Making .venv with $$("$$found" --version)"; \
		"$$found" -m venv --clear .venv; \
	fi
	@echo "Installing the pinned packages"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

browser:
	@for browser in chromium chromium-browser google-chrome; do \
		if command -v "$$browser" >/dev/null; then exit 0; fi; \
	done; \
	if [ "$$(id -u)" = 0 ]; then as_root=; else as_root="sudo -n"; fi; \
	if command -v apt-get >/dev/null && { [ -z "$$as_root" ] || $$as_root true 2>/dev/null; } \
		&& echo "Installing chromium for the browser tests" \
		&& $$as_root apt-get update -qq \
		&& DEBIAN_FRONTEND=noninteractive $$as_root apt-get install -yqq --no-install-recommends chromium \
			>/dev/null; then exit 0; fi; \
	echo "############################################################" >&2; \
	echo "# No chromium here, and none could be installed:           #" >&2; \
	echo "# THE BROWSER TESTS ARE SKIPPED.                           #" >&2; \
	echo "############################################################" >&2

clean: ## Remove what was installed and generated
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache test-results

# Every target sets itself up first: `make harvest` and `make test` work in an empty clone with nothing but Python 3.11.

PYTHON ?= python3.11
VENV ?= .venv
DATA ?= data
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
OCR := $(VENV)-ocr
JOBS ?= auto

.DEFAULT_GOAL := help
.PHONY: help setup harvest screenshots test test-operate test-ocr soak bench lint format ui up down stop lock clean

help: ## show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

setup: $(STAMP) ## create .venv from requirements.lock (the other targets do this by themselves)

harvest: $(STAMP) ## harvest the five replica sites for 2017, 2020 and 2021 into ./data
	@$(BIN)/nianbao harvest --replica --data $(DATA) --year 2017 --year 2020 --year 2021

test: $(STAMP) ## run the whole test suite
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup

test-operate: $(STAMP) ## run the tests of a whole installation (worker, deployments, Dask); several minutes
	@$(BIN)/python -m pytest -m operate

test-ocr: $(OCR)/.ocr ## run the tests of scanned documents, with the OCR extra in an environment of its own
	@$(OCR)/bin/python -m pytest -q tests/read/test_scan.py tests/proof/test_scans.py

soak: $(STAMP) ## run the long property tests (10,000 documents)
	@$(BIN)/python -m pytest -m soak

bench: $(VENV)/.benchmarks ## measure against peers and limits: make bench [only="pdf html"] [size=full]
	@$(BIN)/python -m benchmarks.run --size $(or $(size),default) $(only)

lint: $(STAMP) ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(STAMP) ## let ruff repair style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

ui: $(STAMP) ## print the address of the Prefect UI (starts the local server when none answers)
	@$(BIN)/nianbao ui --data $(DATA)

up: $(STAMP) ## start everything: Prefect server, work pool, deployments with schedules, and one worker
	@$(BIN)/nianbao up --data $(DATA)

down: $(STAMP) ## end the local worker and the local Prefect server
	@$(BIN)/nianbao down --data $(DATA)

screenshots: $(STAMP) ## take the pictures of the handbook anew (needs Chromium)
	@$(BIN)/python docs/screenshots/take.py

stop: $(STAMP) ## end the local Prefect server
	@$(BIN)/nianbao server stop --data $(DATA)

lock: $(STAMP) ## write requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml --extra dev --extra replica --extra s3 --extra dask --generate-hashes --no-emit-index-url \
	  --no-header --python-version 3.11 -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --extra bench --extra dev --extra replica --extra s3 -c requirements.lock \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 -o requirements-bench.lock
	@printf 'rapidocr>=3.0\nonnxruntime>=1.20\n' | $(BIN)/uv pip compile - -c requirements.lock \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 -o requirements-ocr.lock

clean: ## remove the environment and the caches; ./data stays
	@rm -rf $(VENV) $(OCR) .mypy_cache .ruff_cache .pytest_cache .hypothesis

# uv installs in seconds what takes pip minutes; where uv cannot be had or fails, pip does it. Both check the hashes.
# uv does not read pip's settings, so a mirror that pip is told to use is handed on, and the system's certificates are
# used. The lock names every package there is, so nothing is resolved here (--no-deps).
$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "nianbao needs Python 3.11, and '$(PYTHON)' is not on the PATH." >&2; \
	  echo "Install it (Debian 12: apt-get install python3.11 python3.11-venv), or name it: make PYTHON=/path/to/python3.11" >&2; \
	  exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || { \
	  echo "nianbao needs Python 3.11 or newer; '$(PYTHON)' is `$(PYTHON) --version 2>&1`." >&2; exit 2; }
	@echo "Setting up $(VENV) (once; a minute or two) ..." >&2
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "The environment could not be made (Debian: apt-get install python3.11-venv)." >&2; exit 2; }
	@export PIP_DISABLE_PIP_VERSION_CHECK=1 UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1; \
	index="$${PIP_INDEX_URL:-`$(BIN)/python -m pip config get global.index-url 2>/dev/null`}"; \
	if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}"; fi; \
	if $(BIN)/python -m pip install --quiet uv && \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements.lock; then :; else \
	  echo "uv is not available or failed; installing with pip, which takes a few minutes ..." >&2; \
	  $(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock; \
	fi && $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $(STAMP)

# The OCR extra stays out of the ordinary environment: what happens without it is tested there.
$(OCR)/.ocr: requirements.lock requirements-ocr.lock pyproject.toml
	@$(MAKE) --no-print-directory VENV=$(OCR) setup
	@index="$${PIP_INDEX_URL:-`$(OCR)/bin/python -m pip config get global.index-url 2>/dev/null`}"; \
	if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}"; fi; \
	export UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1; \
	$(OCR)/bin/uv pip install --quiet --python $(OCR)/bin/python --no-deps --require-hashes -r requirements-ocr.lock || \
	  $(OCR)/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements-ocr.lock
	@touch $@

# What the benchmarks measure against, at the versions of the second lock (the first one's, and the peers beside them).
$(VENV)/.benchmarks: $(STAMP) requirements-bench.lock
	@index="$${PIP_INDEX_URL:-`$(BIN)/python -m pip config get global.index-url 2>/dev/null`}"; \
	if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}"; fi; \
	export UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1; \
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements-bench.lock || \
	  $(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements-bench.lock
	@touch $@

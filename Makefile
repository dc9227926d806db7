# Everything here can be done by hand: README.md shows the same lines for people without make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run setup test lint torture fuzz contract contract-check

# `make run CHAIN=local` starts a chain of this machine beside the pages, to try anchoring with.
run: setup $(if $(filter local,$(CHAIN)),contracts/node_modules/ready)
	@exec env $(if $(CHAIN),DEEPTRACE_CHAIN=$(CHAIN)) $(BIN)/python -m deeptrace_core up

# Several files of tests at a time: most of them wait for databases, browsers and child processes.
test: setup lint
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

# The long forms of tests/store/test_torture.py and tests/media/test_fuzz.py: 15 and 20 minutes on 2 cores.
torture: setup
	$(BIN)/python -m benchmarks.torture
	$(BIN)/python -m benchmarks.torture --self-check

fuzz: setup
	$(BIN)/python -m benchmarks.fuzz

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

setup: .venv/ready

.venv/ready: requirements.txt
	@$(PYTHON) -m deeptrace_core.preflight
	@echo "Installing into .venv: about 7 GB, a few minutes the first time."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --requirement requirements.txt
	$(BIN)/python -m deeptrace_core check
	@touch .venv/ready

# The compiler of the contract, and the chain of `make run CHAIN=local`. Needs Node.js 18 or newer.
contracts/node_modules/ready: contracts/package-lock.json
	npm ci --prefix contracts
	@touch $@

contract: contracts/node_modules/ready
	node contracts/compile.cjs contracts/ReportAnchor.json

contract-check: contracts/node_modules/ready
	node contracts/compile.cjs contracts/node_modules/ReportAnchor.json
	cmp contracts/node_modules/ReportAnchor.json contracts/ReportAnchor.json

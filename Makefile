# Every target does its own set-up and is quick when there is nothing to do.

SHELL := bash
BIN := .venv/bin
# Tests and the demo find their models here.
MODELS := .cache/models

.PHONY: help demo test test-engines test-interop test-systemd fuzz model chaos soak bench-selection bench-labels bench-delivery gpu lint types packages venv models footage constraints schemas install uninstall clean

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: packages venv models footage ## see it work: simulated cameras, the daemon, a broker, a consumer
	$(BIN)/gleancam demo --out demo-out

test: packages venv models footage ## run the test suite, two files at once
	$(BIN)/pytest --numprocesses=2 --dist=loadfile

test-engines: packages venv models ## test exporting and compiling: torch, TensorRT-RTX, NVRTC (1.5 GB)
	@scripts/venv.sh toolchain
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps baal==2.1.0
	$(BIN)/pytest tests/toolchain

test-interop: packages venv ## read exports with the tools they are for (1.4 GB)
	@scripts/interop.sh

test-systemd: packages venv models ## the service under a real systemd, in a container; root
	@tests/systemd/boot.sh

fuzz: packages venv ## 100,000 hostile inputs for every parser of what the network brings
	PYTHONPATH=tests $(BIN)/python -m fuzz

model: packages venv ## the protocol's largest worlds, every state of them; ten minutes
	$(BIN)/pytest tests/protocol -m deep

chaos: packages venv ## kill, cut, fill and flap everything for half an hour; is a sample lost?
	PYTHONPATH=tests $(BIN)/python -m chaos

soak: packages venv models footage ## simulated cameras at speed for HOURS=0.5: what grows?
	@scripts/venv.sh bench
	rm -rf soak-out
	PYTHONPATH=tests $(BIN)/python -m soak --hours $(or $(HOURS),0.5) --out soak-out --write

bench-selection: packages venv models ## selection against other methods, at equal budgets
	@scripts/venv.sh bench
	PYTHONPATH=tests $(BIN)/python -m bench.selection --write

bench-labels: packages venv models ## labelling: detectors alone and together, calibration, doubts
	@scripts/venv.sh bench
	PYTHONPATH=tests $(BIN)/python -m bench.labels --write

bench-delivery: packages venv ## delivery against a bare client, and a backlog of 100,000 rows
	PYTHONPATH=tests $(BIN)/python -m bench.delivery --write

gpu: ## on a machine with an NVIDIA GPU: kernels, plans, contracts and speed, in one table
	@tests/gpu/run.sh

lint: venv ## check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/shellcheck scripts/*.sh configs/mosquitto/*.sh tests/gpu/run.sh tests/systemd/*.sh tests/conformance/*.sh .ci/run

types: venv ## check types, the tests' too
	$(BIN)/mypy

packages: ## install the distribution's packages (with sudo when not root)
	@scripts/system-packages.sh --tests

venv: ## make .venv
	@scripts/venv.sh

models: venv ## fetch the models of the tests and the demo
	@$(BIN)/gleancam models fetch --directory $(MODELS) --all

footage: venv ## fetch the videos of the tests and the demo
	@$(BIN)/gleancam demo --fetch-only

constraints: venv ## choose the newest versions anew
	@scripts/constraints.sh

schemas: venv ## write the JSON Schemas of all messages anew
	$(BIN)/python -m gleancam.wire.generate

install: ## install on this machine, as root: /opt/gleancam, a unit, a configuration
	@scripts/install.sh

uninstall: ## remove it again; the configuration and the spool stay
	@scripts/uninstall.sh

clean: ## remove what was made here
	rm -rf .venv .cache build dist demo-out soak-out .mypy_cache .ruff_cache .pytest_cache .hypothesis

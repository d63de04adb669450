# For everybody: make demo, make test, make up. The other targets are for work on the code.
# If several Pythons are installed, one that laion-clap's numpy supports comes first.
PYTHON ?= $(shell for p in python3.12 python3.11 python3 python3.13 python3.14; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PY := .venv/bin/python
BENCHES := $(patsubst scripts/bench/%.py,bench-%,$(filter-out %/__init__.py %/figures.py,$(wildcard scripts/bench/*.py))) \
  $(patsubst scripts/bench/%/__main__.py,bench-%,$(wildcard scripts/bench/*/__main__.py))

PYTEST := $(PY) -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-long up setup setup-tests setup-proof check mutants nightly slither halmos coverage audit-zipapp clean $(BENCHES)

demo: setup  ## The main job, end to end; CATALOGUE=folder takes your own audio
	@$(PY) -m scripts.demo $(if $(CATALOGUE),--catalogue "$(CATALOGUE)") $(ARGS)

up: setup  ## The whole stack until Ctrl-C; addresses in .refrain/stack.json; ARGS=--keep continues the last run
	@$(PY) -m scripts.stack $(ARGS)

# Every test runs in `test` or in `test-long`. Forge runs the same tests in both, with larger numbers in the second.
test: setup-tests  ## Contract tests (forge), then Python tests, without the long ones; 12 to 20 minutes on two cores
	@$(PY) -m scripts.solidity.forge test
	@$(PYTEST) -m "not long" $(ARGS)

test-long: setup-tests  ## What `make test` leaves out: half a million calls of the invariants, long fuzzing, slow Python tests
	@FOUNDRY_PROFILE=long $(PY) -m scripts.solidity.forge test
	@$(PYTEST) -m long $(ARGS)

setup:
	@if [ -z "$(PYTHON)" ]; then echo "Refrain needs Python 3.11 or newer on the PATH"; exit 1; fi
	@$(PYTHON) scripts/setup.py

setup-tests:
	@if [ -z "$(PYTHON)" ]; then echo "Refrain needs Python 3.11 or newer on the PATH"; exit 1; fi
	@$(PYTHON) scripts/setup.py --tests

setup-proof:
	@if [ -z "$(PYTHON)" ]; then echo "Refrain needs Python 3.11 or newer on the PATH"; exit 1; fi
	@$(PYTHON) scripts/setup.py --proof

check: setup-tests  ## Format, lint, types, imports
	@$(PY) -m ruff check .
	@$(PY) -m mypy oracle generator scripts
	@.venv/bin/lint-imports
	@$(PY) -m scripts.solidity.forge fmt --check

nightly: setup-tests  ## Hours: the contracts' invariants and fuzz tests with still larger numbers, the model of the ledger, 6,000 simulations
	@FOUNDRY_PROFILE=nightly $(PY) -m scripts.solidity.forge test $(ARGS)
	@REFRAIN_MODEL_EXAMPLES=500 $(PY) -m pytest tests/integration/test_contracts_model.py
	@$(PY) -m tests.simulation --first 10000 --count 6000

coverage: setup  ## Lines and branches of the contracts that no test reaches, with the reason for each
	@$(PY) -m scripts.solidity.coverage

audit-zipapp:  ## The audit as one file, dist/refrain-audit.pyz; needs Python only
	@if [ -z "$(PYTHON)" ]; then echo "Refrain needs Python 3.11 or newer on the PATH"; exit 1; fi
	@$(PYTHON) scripts/audit_zipapp.py

mutants: setup  ## Contracts with one fault each, which a test must detect; ARGS="--sample 50" for some of them
	@$(PY) -m scripts.solidity.mutants $(ARGS)

slither: setup-proof  ## Static analysis of the contracts; each finding needs a reason
	@$(PY) -m scripts.solidity.slither

halmos: setup-proof  ## Symbolic tests of the contracts' arithmetic
	@$(PY) -m scripts.solidity.halmos $(ARGS)

$(BENCHES): bench-%: setup
	@$(PY) -m scripts.bench.$* $(ARGS)

clean:  ## Removes the state of demo and stack; keeps what set-up installed
	rm -rf .refrain/demo .refrain/up demo-out

# Everything anyone types: make demo, make test. The rest is for whoever works on it.
# A Python that laion-clap's numpy can run on is preferred where several are installed.
PYTHON ?= $(shell for p in python3.12 python3.11 python3 python3.13 python3.14; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PY := .venv/bin/python
BENCHES := $(patsubst scripts/bench/%.py,bench-%,$(filter-out %/__init__.py,$(wildcard scripts/bench/*.py)))

.PHONY: demo test up setup setup-tests setup-proof check mutants nightly slither halmos coverage clean $(BENCHES)

demo: setup  ## The main job, end to end; CATALOGUE=folder takes your own audio
	@$(PY) -m scripts.demo $(if $(CATALOGUE),--catalogue "$(CATALOGUE)") $(ARGS)

up: setup  ## The whole stack until Ctrl-C; addresses in .refrain/stack.json
	@$(PY) -m scripts.up $(ARGS)

test: setup-tests  ## All tests: contracts (forge), then Python
	@$(PY) -m scripts.forge test
	@$(PY) -m pytest -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

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

nightly: setup-tests  ## The contracts' invariants and fuzz tests at length, and the model of the ledger
	@FOUNDRY_PROFILE=nightly $(PY) -m scripts.forge test $(ARGS)
	@REFRAIN_MODEL_EXAMPLES=500 $(PY) -m pytest tests/integration/test_contracts_model.py

coverage: setup  ## Lines and branches of the contracts that no test reaches, each with its reason
	@$(PY) -m scripts.coverage

mutants: setup  ## Faulty contracts that a test has to notice; ARGS="--sample 50" for some of them
	@$(PY) -m scripts.mutants $(ARGS)

slither: setup-proof  ## Static analysis of the contracts; every finding needs its reason
	@$(PY) -m scripts.slither

halmos: setup-proof  ## Symbolic tests of the contracts' arithmetic
	@$(PY) -m scripts.halmos $(ARGS)

$(BENCHES): bench-%: setup
	@$(PY) -m scripts.bench.$* $(ARGS)

clean:  ## Forget the state of demo and stack; keeps what was installed
	rm -rf .refrain/demo .refrain/up demo-out

# Everything anyone types: make demo, make test. The rest is for whoever works on it.
# A Python that laion-clap's numpy can run on is preferred where several are installed.
PYTHON ?= $(shell for p in python3.12 python3.11 python3 python3.13 python3.14; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PY := .venv/bin/python
BENCHES := $(patsubst scripts/bench/%.py,bench-%,$(filter-out %/__init__.py,$(wildcard scripts/bench/*.py)))

.PHONY: demo test up setup setup-tests check unit forge clean $(BENCHES)

demo: setup  ## The main job, end to end; CATALOGUE=folder takes your own audio
	@$(PY) -m scripts.demo $(if $(CATALOGUE),--catalogue "$(CATALOGUE)") $(ARGS)

up: setup  ## The whole stack until Ctrl-C; addresses in .refrain/stack.json
	@$(PY) -m scripts.up $(ARGS)

test: setup-tests  ## All tests: contracts (forge), then Python
	@$(PY) -m scripts.forge test
	@$(PY) -m pytest $(ARGS)

setup:
	@if [ -z "$(PYTHON)" ]; then echo "Refrain needs Python 3.11 or newer on the PATH"; exit 1; fi
	@$(PYTHON) scripts/setup.py

setup-tests:
	@if [ -z "$(PYTHON)" ]; then echo "Refrain needs Python 3.11 or newer on the PATH"; exit 1; fi
	@$(PYTHON) scripts/setup.py --tests

check: setup-tests  ## Format, lint, types, imports
	@$(PY) -m ruff check .
	@$(PY) -m mypy oracle generator scripts
	@.venv/bin/lint-imports

$(BENCHES): bench-%: setup
	@$(PY) -m scripts.bench.$* $(ARGS)

clean:  ## Forget the state of demo and stack; keeps what was installed
	rm -rf .refrain/demo .refrain/up demo-out

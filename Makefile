# All targets run in a virtual environment made here; make and a Python of at least 3.11 are all they need.
# Another interpreter:  make test PYTHON=python3.12
# Another environment:  make test VENV=.venv-newer PYTHON=python3.13
# More for pytest:      make test ARGS="-k scan -x"

# The first interpreter that runs, is new enough and can make environments. Being on PATH is not enough: a version
# manager's shim may stand there for a Python that is not installed.
USABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c '$(USABLE)' >/dev/null 2>&1 && echo $$python && break; done)

VENV := .venv
WORKERS := 2
ARGS :=
BENCHMARKS := graph_scaling program_size step_time first_step

BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow lint format bench clean

help:
	@echo "make demo       train the digits model; writes out/digits"
	@echo "make test       run the test suite, all but the tests marked slow"
	@echo "make test-slow  run the tests marked slow"
	@echo "make lint       ruff check, ruff format --check, mypy --strict"
	@echo "make format     let ruff mend what it can"
	@echo "make bench      run the benchmarks; writes benchmarks/reports"
	@echo "make clean      remove the environments, the caches and what was built"

demo: $(VENV)/extra-examples
	$(BIN)/python examples/digits_mlp.py --out out/digits

test: $(VENV)/extra-test
	$(BIN)/pytest -n $(WORKERS) $(ARGS)

test-slow: $(VENV)/extra-test
	$(BIN)/pytest -n $(WORKERS) -m slow $(ARGS)

lint: $(VENV)/extra-test $(VENV)/extra-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(VENV)/extra-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/extra-test
	@failed=; for name in $(BENCHMARKS); do \
		$(BIN)/python -m benchmarks.$$name $(ARGS) || failed="$$failed $$name"; \
	done; test -z "$$failed" || { echo "not within their limits:$$failed" >&2; exit 1; }

clean:
	rm -rf .venv .venv-newer .types .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist out *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp for each extra that the environment holds; a change of pyproject.toml installs it again.
$(VENV)/extra-%: pyproject.toml $(VENV)/made | .types/theon
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[$*]"
	@touch $@

$(VENV)/made:
	@test -n "$(PYTHON)" || { \
		echo "theon needs Python 3.11 or newer with its venv module; name one: make PYTHON=..." >&2; exit 1; }
	"$(PYTHON)" -m venv --clear $(VENV)
	@touch $@

.types/theon:
	@mkdir -p .types && ln -sfn .. $@

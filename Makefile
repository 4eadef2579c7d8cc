# Everything a person types. Each target sets up .venv itself when it is missing or older than pyproject.toml.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# BLAS in one thread: several processes run at a time, and sums then have one order.
export OMP_NUM_THREADS := 1
# Only a learner keeps a logbook of attempts.
test test-full course: export TRAINING_LOOPS_PROGRESS := off

.PHONY: help demo test test-full lab course site lint clean

help:
	@echo "make demo       grade a small class and show what was found"
	@echo "make lab        open the course in JupyterLab"
	@echo "make test       check everything (what CI runs)"
	@echo "make test-full  check everything, slow parts too (before a release)"
	@echo "make course     rebuild what is generated: course/ and the answer keys"
	@echo "make site       build the site of lessons and documents: build/site/index.html"
	@echo "make clean      remove .venv and everything else that can be made again"

$(READY): pyproject.toml Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "This needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V 2>&1). Name one: make PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "This Python cannot make virtual environments. Install the package python3-venv."; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade --editable '.[dev]'
	@# what is no Python is left out of editable installs
	@mkdir -p $(VENV)/etc/jupyter/jupyter_server_config.d
	@cp autograder/grading/autograder.json $(VENV)/etc/jupyter/jupyter_server_config.d/
	@touch $(READY)

demo: $(READY)
	$(BIN)/autograder demo demo

lab: $(READY)
	$(BIN)/jupyter lab course

course: $(READY)
	$(BIN)/autograder record
	$(BIN)/autograder execute
	$(BIN)/autograder release

# Offline, and strict: a link to nothing ends the build.
site: $(READY)
	$(BIN)/sphinx-build -q -W --keep-going -d build/site-doctrees -c docs/site . build/site
	@echo "Open build/site/index.html"

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

# Two files at a time: the tests of a file share what they set up.
PYTEST := $(BIN)/pytest -n 2 --dist loadfile
# The notebooks' committed outputs against what they give now; the card of every check cell is compared.
NBVAL := $(PYTEST) --nbval-lax --nbval-current-env --nbval-cell-timeout=120 solutions

test: lint
	$(BIN)/autograder gate
	$(NBVAL)
	$(PYTEST) -m "not full"

test-full: lint
	$(BIN)/autograder gate
	$(NBVAL)
	$(PYTEST)

clean:
	rm -rf $(VENV) demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

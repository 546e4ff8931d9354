# `make lab` learns, `make test` checks; both set up everything they need.
VENV ?= .venv
PY := $(VENV)/bin/python
COURSE := $(VENV)/bin/course
# Every worker drives a sandbox of its own; more of them than cores only wait for each other.
WORKERS ?= 2
PYTEST := $(PY) -m pytest
# Compiled modules stay out of the tree, but they are kept: without them every kernel starts 2 s later.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/pycache
# Notebooks find `course` and `jupyter` of this environment first.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help lab test test-matrix test-mesh lint unit engine notebooks browser up down clean outputs bench

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

$(VENV)/.ready: requirements.txt pyproject.toml course/dev/bootstrap.sh
	@sh course/dev/bootstrap.sh $(VENV)

up: $(VENV)/.ready ## Get engine, images and a warm sandbox ready
	@$(COURSE) up

lab: up ## Open the course in JupyterLab
	@$(COURSE) lab $(if $(ARGS),-- $(ARGS))

lint: $(VENV)/.ready ## Check style and types
	@$(VENV)/bin/ruff check -q .
	@$(VENV)/bin/ruff format -q --check .
	@$(VENV)/bin/mypy --no-error-summary
	@$(PY) -m course.dev.normalise --check
	@$(PY) -m course.dev.lint_notebooks

unit: $(VENV)/.ready ## Run the tests that need nothing
	@$(PYTEST) -q tests/unit -n $(WORKERS)

engine: up ## Run the tests that need a live engine
	@$(PYTEST) -q tests/engine -n $(WORKERS) --dist loadfile

notebooks: up ## Run every notebook and compare what a learner sees
	@$(PYTEST) -q -p course.testing.plugin --nbval notebooks tests/notebooks \
	  -n $(WORKERS) --dist loadfile

browser: up ## Drive JupyterLab in a real browser
	@sh course/dev/browser.sh $(PY)
	@$(PYTEST) -q tests/browser -n $(WORKERS) --dist loadfile

test: lint unit engine notebooks browser ## Run every check

# SUITES="bookworm forky", CHAPTERS="03 06" narrow it; ARGS are pytest's.
test-matrix: up ## Run chapters on Docker 20.10, 26.1 and 28.5
	@$(PY) -m course.dev.matrix $(SUITES:%=--suite %) $(CHAPTERS:%=--chapter %) \
	  -- -n $(WORKERS) --dist loadfile $(ARGS)

# Where this kernel has no IPVS, in an emulated virtual machine; ARGS are pytest's.
test-mesh: up ## Test the routing mesh and virtual addresses
	@$(PY) -m course.dev.mesh_vm $(ARGS)

outputs: up ## Refresh the notebooks' stored outputs where they changed
	@$(PY) -m course.dev.outputs

bench: up ## Measure the numbers that the documentation states
	@$(PY) -m tests.bench $(ARGS)

down: $(VENV)/.ready ## Stop what the course started; the next start is quick
	@$(COURSE) down

clean: ## Remove all that is ours from this machine's engine, and nothing else
	@[ -x $(COURSE) ] || echo "No $(VENV) here, so the engine was not looked at. If something is left: make down clean"
	@[ ! -x $(COURSE) ] || $(COURSE) clean
	@[ ! -x $(PY) ] || $(PY) -m course.dev.mesh_vm.shelf
	@rm -rf $(VENV) test-results .pytest_cache .mypy_cache .ruff_cache

# make run: the portal on this machine. make test: every check. Both do their own set-up.
PYTHON ?= python3
VENV_PYTHON := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup setup-tests run test lint bench screenshots lock clean

help: ## Show what can be made
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

setup: ## Install what the portal needs, without starting it
	@$(PYTHON) config/local/setup.py

setup-tests:
	@$(PYTHON) config/local/setup.py --tests

# One simple command a line: make then starts it without a shell in between, and a signal to make
# reaches the portal itself.
run: setup ## Run the portal: http://127.0.0.1:8000/ (another port: PORT=8001 make run)
	@$(VENV_PYTHON) -m config.local.run

test: setup-tests ## Run every check: format, lint, types, floors, migrations and all tests
	@$(VENV_PYTHON) -m config.local.checks

lint: setup ## Run the checks that need no browser and no test run
	@$(VENV_PYTHON) -m config.local.checks --without-tests

bench: setup ## Measure the slow paths against their floor
	@$(VENV_PYTHON) -m config.local.alone $(VENV_PYTHON) -m benchmarks

screenshots: setup-tests ## Render every main page and PDF page to .local/screenshots (some: ONLY="fees- filings-form")
	@$(VENV_PYTHON) -m config.local.screenshots $(ONLY)

LOCK_OPTIONS := --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock: setup ## Write the lock files anew from pyproject.toml and package.json
	@.venv/bin/pip-compile $(LOCK_OPTIONS) --output-file requirements.lock pyproject.toml
	@.venv/bin/pip-compile $(LOCK_OPTIONS) --extra local --extra dev \
		--output-file requirements-dev.lock pyproject.toml
	@npm install --package-lock-only --ignore-scripts

clean: ## Delete everything this machine made here, the portal's own data included
	@$(PYTHON) config/local/clean.py

# Two commands: `make demo` shows what limen does, `make test` shows that it does it. Both need Python 3.11+, make, git.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# The sessions in noxfile.py find the environment's tools first.
export PATH := $(abspath $(BIN)):$(PATH)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check lock clean help

help:
	@echo "make demo   the whole path on bundled pictures; writes limen-demo/report.html"
	@echo "make test   all tests"
	@echo "make check  lint, types, layers, documents"
	@echo "make lock   renew requirements/*.lock"

demo: $(VENV)/run.stamp
	$(BIN)/limen demo

test: $(VENV)/dev.stamp
	$(BIN)/python -m nox --session tests

check: $(VENV)/dev.stamp
	$(BIN)/python -m nox --session lint types layers docs

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "limen needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements/run.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock $(VENV)/run.stamp
	$(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@

# Hashes of every file of a release are recorded, so one lock serves x86-64 and arm64; no index address is written.
# dev.lock keeps extras (coverage[toml]): without them pip looks for a newer release and then misses its hash.
LOCK := $(BIN)/python -m piptools compile --quiet --allow-unsafe --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header
lock: $(VENV)/dev.stamp
	$(LOCK) --strip-extras --extra demo --all-build-deps -o requirements/run.lock pyproject.toml
	$(LOCK) --no-strip-extras -o requirements/dev.lock requirements/dev.in

clean:
	rm -rf $(VENV) limen-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .nox

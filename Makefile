# What a person does with this project. `make` or `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
# Two steps at once: what Debian brings for the tests is fetched while pip works. Several targets are made one after
# the other, for `make clean test` must not clean while it installs.
MAKEFLAGS += --no-builtin-rules $(if $(word 2,$(MAKECMDGOALS)),--jobs=1,--jobs=2)

BIN := .venv/bin
# A stamp says that its step is done and for which input; a second run of a target is instant.
STAMPS := .venv/stamps
# pip and npm must never stand and wait for an answer.
export PIP_NO_INPUT := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The tests start dozens of processes, and each would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

CATALOGUES := $(wildcard app/translations/*/LC_MESSAGES/*.po)

.PHONY: help
help: ## List these targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: install
install: $(STAMPS)/installed $(STAMPS)/catalogues ## Make .venv with all that the portal needs to run

.PHONY: demo
demo: install ## Run the portal with invented networks and a mailbox of its own (RESET=1: begin anew)
	@exec $(BIN)/netz demo $(if $(RESET),--reset)

.PHONY: test
test: check $(STAMPS)/debian ## Everything that proves the portal: lint, types, imports, and the tests on both databases
	@# Three processes keep two processors at work; more take each other's caches.
	$(BIN)/pytest --numprocesses=3 --dist=worksteal $(PYTEST_ARGS)
	$(BIN)/pytest --numprocesses=3 --dist=worksteal --database=postgresql -m "not browser" $(PYTEST_ARGS)

.PHONY: check
check: install $(STAMPS)/tested ## Lint, format, types and imports, without running a test
	@$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache | tail -n 4

.PHONY: drills
drills: install $(STAMPS)/tested $(STAMPS)/debian ## The long fault and load runs, of which the tests hold a short form
	@$(BIN)/pytest benchmarks/drills --capture=no --verbosity=-1 $(PYTEST_ARGS)
	$(BIN)/pytest benchmarks/drills --capture=no --verbosity=-1 --database=postgresql $(PYTEST_ARGS)

.PHONY: bench
bench: install $(STAMPS)/tested ## Measure: time of a page, of a post, mails a second
	@$(BIN)/python -m benchmarks

.PHONY: format
format: $(STAMPS)/tested ## Bring the code into the form that `make check` asks for
	@$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: catalogue
catalogue: install ## Collect the sentences of code and templates for the translators
	@$(BIN)/pybabel -q extract --mapping app/translations/babel.cfg --keyword _l --no-location --sort-output \
	  --no-wrap --omit-header --project virtuelles-netz --output-file .venv/messages.pot .
	# German needs no catalogue: its sentences are the keys. Without its header Babel takes a catalogue for a draft.
	$(BIN)/pybabel -q update --input-file .venv/messages.pot --output-dir app/translations --locale en \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap

.PHONY: lock
lock: ## Pin anew what pyproject.toml allows (needs uv)
	@pin() { uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header "$$@"; }
	pin --upgrade --extra postgres --extra redis --extra build --output-file requirements.lock pyproject.toml
	pin --upgrade --all-extras --constraint requirements.lock --output-file requirements.test.lock pyproject.toml

.PHONY: clean
clean: ## Remove what set-up made; data and uploads stay
	@rm -rf .venv node_modules app/static/vendor .mypy_cache .pytest_cache .ruff_cache .hypothesis test-results
	find app -name '*.mo' -delete

# --- the steps behind the targets -------------------------------------------------------------------------------------

$(STAMPS)/venv:
	@for candidate in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python); do
	  if "$$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi
	done
	if [ -z "$${python:-}" ]; then
	  echo "The portal needs Python 3.11 or newer with its venv module (Debian: apt install python3 python3-venv)." >&2
	  echo "If it lies elsewhere: make install PYTHON=/path/to/python3" >&2
	  exit 1
	fi
	"$$python" -m venv .venv
	mkdir -p $(STAMPS)
	touch $@

$(STAMPS)/installed: $(STAMPS)/venv requirements.lock pyproject.toml hatch_build.py package-lock.json
	@echo "Installing what the portal needs; the first time this takes about a minute ..."
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(STAMPS)/catalogues: $(STAMPS)/installed $(CATALOGUES)
	@$(if $(CATALOGUES),$(BIN)/pybabel -q compile --directory app/translations --domain 'messages click')
	touch $@

$(STAMPS)/tested: $(STAMPS)/installed requirements.test.lock
	@$(BIN)/pip install --quiet --require-hashes --requirement requirements.test.lock
	touch $@

$(STAMPS)/debian: $(STAMPS)/venv
	@# The browser of the journeys, the compiler for the power cut and the judge of mails are Debian's; who is not root
	# installs them, and the tests say so.
	missing=
	command -v chromium >/dev/null || missing+=" chromium"
	command -v cc >/dev/null || missing+=" gcc libc6-dev"
	command -v dovecot >/dev/null || missing+=" dovecot-imapd"
	command -v spamassassin >/dev/null || missing+=" spamassassin"
	if [ -n "$$missing" ] && command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then
	  # In runlevel 1 a package starts no service: the tests run their own servers, on loopback.
	  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $$missing </dev/null || true
	fi
	touch $@

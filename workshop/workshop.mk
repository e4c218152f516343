# Commands that only the kit's developers need.

.PHONY: campaign
campaign: setup ## try generated environments for MINUTES=10: each synthesises or is refused with a sentence
	@python -m workshop.campaign $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

.PHONY: fuzz
fuzz: setup ## send broken and sound requests to both proxies for MINUTES=10; another program judges each answer
	@nice python -m workshop.fuzz $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

.PHONY: bench
bench: setup $(APP_VENV)/.installed benchmarks/.venv/.installed ## measure beside other servers, three quarters of an hour (BENCH=overload for one)
	@for name in $(or $(BENCH),throughput kit_overhead bursts shipped overload slow_clients malformed stopping uploads start); do python -m benchmarks.$$name || exit 1; done

benchmarks/.venv/.installed: benchmarks/requirements.txt $(VENV)/.installed
	@uv venv --quiet --clear --python $(VENV)/bin/python benchmarks/.venv
	@tools/download.sh uv pip sync --python benchmarks/.venv/bin/python --require-hashes benchmarks/requirements.txt
	@touch $@

.PHONY: docs
docs: cdk.out/manifest.json ## renew what is made of docs/: parameters, security, what AWS refuses, the checklist, figures of scaling and performance, a sample review
	@python -m workshop.parameters_page
	@python -m workshop.scaling_page
	@python -m workshop.scale_page
	@python -m benchmarks.page
	@python -m workshop.http_page
	@python -m workshop.security_page
	@python -m workshop.coming_from_page
	@python -m workshop.review_page
	@python -m workshop.checklist_page
	@python -m workshop.refusals_page

# Locks of the kit's own tools. Each stands alone; a team's project gets them by `make update`.
TOOLS_LOCKS := requirements tools/local_cloud/requirements tools/checkov/requirements tools/preflight/requirements \
  tools/load/requirements tools/mcp/requirements \
  benchmarks/requirements workshop/elsewhere/requirements workshop/iam/requirements workshop/mutation/requirements tests/journeys/requirements

.PHONY: lock-tools
lock-tools: $(VENV)/.installed ## lock the kit's own tools; what is locked stays (UPGRADE=1 for newer ones)
	@for lock in $(TOOLS_LOCKS); do \
	  uv pip compile --quiet $(if $(UPGRADE),--upgrade --exclude-newer "7 days") --universal --python-version 3.11 --generate-hashes $$lock.in -o $$lock.txt || exit 1; done
	@uv pip compile --quiet --universal --python-version 3.13 --generate-hashes --resolution lowest-direct \
	  workshop/lowest/requirements.in -o workshop/lowest/requirements.txt

LOWEST := .local/lowest

$(LOWEST)/.installed: workshop/lowest/requirements.txt $(VENV)/.installed
	@echo "Setting up: the oldest packages that the kit allows"
	@uv venv --quiet --clear --python "$$(uv python find 3.13 2>/dev/null || echo $(VENV)/bin/python)" $(LOWEST)
	@tools/download.sh uv pip sync --python $(LOWEST)/bin/python --require-hashes workshop/lowest/requirements.txt
	@ln -sfn "$(CURDIR)/$(VENV)/flask-source" $(LOWEST)/flask-source
	@touch $@

# Old packages warn of what newer ones, and newer Pythons, do otherwise.
.PHONY: test-lowest
test-lowest: $(LOWEST)/.installed ## run the service's tests with the oldest Flask, Werkzeug, pydantic ... that the kit allows
	@$(LOWEST)/bin/python -m $(PYTEST) tests/service -o filterwarnings=ignore

# Commands that only the kit's developers need.

.PHONY: campaign
campaign: setup ## try generated environments for MINUTES=10: each synthesises or is refused with a sentence
	@python -m workshop.campaign $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

.PHONY: bench
bench: setup benchmarks/.venv/.installed ## measure beside other servers, half an hour (BENCH=overload for one)
	@for name in $(or $(BENCH),throughput kit_overhead overload slow_clients malformed stopping uploads start); do python -m benchmarks.$$name || exit 1; done

benchmarks/.venv/.installed: benchmarks/requirements.txt $(VENV)/.installed
	@uv venv --quiet --clear --python $(VENV)/bin/python benchmarks/.venv
	@tools/download.sh uv pip sync --python benchmarks/.venv/bin/python --require-hashes benchmarks/requirements.txt
	@touch $@

.PHONY: docs
docs: cdk.out/manifest.json ## renew what is made of docs/: parameters, security, what AWS refuses, the checklist, figures of scaling and performance, a sample review
	@python -m workshop.parameters_page
	@python -m workshop.scaling_page
	@python -m benchmarks.page
	@python -m workshop.security_page
	@python -m workshop.review_page
	@python -m workshop.checklist_page
	@python -m workshop.refusals_page

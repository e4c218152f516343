# Locust, in a virtual environment of its own because it makes all sockets of its Python cooperative.
LOAD := .local/load

$(LOAD)/.installed: tools/load/requirements.txt $(VENV)/.installed
	@echo "Setting up: Locust"
	@uv venv --quiet --clear --python $(VENV)/bin/python $(LOAD)
	@tools/download.sh uv pip sync --python $(LOAD)/bin/python --require-hashes tools/load/requirements.txt
	@touch $@

LOADED = $(if $(URL),--url "$(URL)") $(if $(RATE),--rate "$(RATE)") $(if $(FOR),--for "$(FOR)") \
  $(if $(SCENARIO),--scenario "$(SCENARIO)") $(if $(OTHER_HOST),--other-host "$(OTHER_HOST)") $(if $(WATCH),--watch "$(WATCH)")

.PHONY: load measure
load: setup $(LOAD)/.installed ## load what `make up` runs with the visits of tests/app/load.py (RATE=10..100 FOR=20s URL=... WATCH=prod: with CloudWatch's figures)
	@python -m tools.load load $(LOADED)

measure: setup $(LOAD)/.installed ## measure CPU and waiting of a request to what `make up` runs, for `make plan` (RATE=5 FOR=20s)
	@python -m tools.load measure $(LOADED)

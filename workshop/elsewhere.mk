# Only the kit's developers need this: the vendors' own files and clients judge what is written for other clouds.
ELSEWHERE := .local/elsewhere

$(ELSEWHERE)/.installed: workshop/elsewhere/requirements.txt $(VENV)/.installed
	@echo "Setting up: the clients of Google Cloud and Azure"
	@uv venv --quiet --clear --python $(VENV)/bin/python $(ELSEWHERE)
	@tools/download.sh uv pip sync --python $(ELSEWHERE)/bin/python --require-hashes workshop/elsewhere/requirements.txt
	@touch $@

.PHONY: elsewhere-schemas
elsewhere-schemas: $(ELSEWHERE)/.installed ## renew the schemas of Cloud Run and Container Apps from the vendors' files (ARGS=--check)
	@$(ELSEWHERE)/bin/python -m workshop.elsewhere.schemas $(ARGS)

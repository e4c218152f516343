# Only the kit's developers need this: the vendors' own files and clients judge what is written for other clouds.
ELSEWHERE := .local/elsewhere

$(ELSEWHERE)/.installed: workshop/elsewhere/requirements.txt $(VENV)/.installed
	@echo "Setting up: the clients of Google Cloud and Azure"
	@uv venv --quiet --clear --python $(VENV)/bin/python $(ELSEWHERE)
	@tools/download.sh uv pip sync --python $(ELSEWHERE)/bin/python --require-hashes workshop/elsewhere/requirements.txt
	@touch $@

# 67 MB of bindings, of which ten files are read: not for every test run.
TERRAFORM := .local/terraform-bindings

$(TERRAFORM)/.installed: workshop/elsewhere/terraform.txt $(VENV)/.installed
	@echo "Setting up: the schema of Terraform's Google provider"
	@rm -rf $(TERRAFORM); tools/download.sh pip download --no-deps --require-hashes -r workshop/elsewhere/terraform.txt --dest $(TERRAFORM)
	@touch $@

.PHONY: elsewhere-schemas
elsewhere-schemas: $(ELSEWHERE)/.installed $(TERRAFORM)/.installed ## renew the schemas of Google Cloud and Azure from the vendors' files (ARGS=--check)
	@$(ELSEWHERE)/bin/python -m workshop.elsewhere.schemas --terraform $(TERRAFORM)/*.whl $(ARGS)

# Only the kit's developers need this: tests that cannot fail are found by changing what they test.
MUTATION := .local/mutation

$(MUTATION)/.installed: workshop/mutation/requirements.txt $(VENV)/.installed
	@echo "Setting up: cosmic-ray"
	@uv venv --quiet --clear --python $(VENV)/bin/python $(MUTATION)
	@tools/download.sh uv pip sync --python $(MUTATION)/bin/python --require-hashes workshop/mutation/requirements.txt
	@touch $@

.PHONY: mutate
mutate: setup $(MUTATION)/.installed ## change pure modules in small ways, and name each change that no test notices (MODULES=infra/parameters/tasks.py)
	@nice python -m workshop.mutation $(MODULES)

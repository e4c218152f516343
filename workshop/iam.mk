# Only the kit's developers need this: tests have tools that nobody here wrote read the policies of every role.
IAM := .local/iam

$(IAM)/.installed: workshop/iam/requirements.txt $(VENV)/.installed
	@echo "Setting up: parliament and cloudsplaining"
	@uv venv --quiet --clear --python $(VENV)/bin/python $(IAM)
	@tools/download.sh uv pip sync --python $(IAM)/bin/python --require-hashes workshop/iam/requirements.txt
	@touch $@

# Run the image as Fargate would, before a deployment does.
PREFLIGHT := .local/preflight

$(PREFLIGHT)/.installed: tools/preflight/requirements.txt $(VENV)/.installed
	@echo "Setting up: hadolint and syft"
	@uv venv --quiet --clear --python $(VENV)/bin/python $(PREFLIGHT)
	@tools/download.sh uv pip sync --python $(PREFLIGHT)/bin/python --require-hashes tools/preflight/requirements.txt
	@touch $@

.PHONY: preflight test-image
preflight: $(if $(PLACE),,cdk.out/manifest.json) $(PREFLIGHT)/.installed ## check an image for ENV=dev before a deployment does (IMAGE=web:1; PLACE=google or PLACE=azure as there)
	@python -m tools.preflight $(IMAGE) --environment $(ENV) $(if $(PLACE),--place $(PLACE)) $(ARGS)

test-image: setup $(PREFLIGHT)/.installed ## build the images and run them as Fargate would
	@pytest tests/image tests/preflight

lint: $(PREFLIGHT)/.installed

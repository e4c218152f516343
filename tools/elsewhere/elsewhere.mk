# The same environment beside AWS: infra/environments.py says where, in ELSEWHERE.
BESIDE = python -m tools.elsewhere

.PHONY: google azure
google: setup ## write ENV=prod for Google's Cloud Run, and print what to run (DEPLOY=1 runs it; IMAGE=REPOSITORY@DIGEST)
	@$(BESIDE) google $(ENV) $(if $(DEPLOY),--deploy) $(if $(IMAGE),--image "$(IMAGE)")

azure: setup ## write ENV=prod for Azure Container Apps, and print what to run (DEPLOY=1 runs it; IMAGE=REPOSITORY@DIGEST)
	@$(BESIDE) azure $(ENV) $(if $(DEPLOY),--deploy) $(if $(IMAGE),--image "$(IMAGE)")

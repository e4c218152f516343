# The same environment beside AWS: infra/environments.py says where, in ELSEWHERE.
BESIDE = python -m tools.elsewhere

.PHONY: google azure
google: setup ## write ENV=prod for Google's Cloud Run, and print what to run (DEPLOY=1 runs it, DEPLOY=again without what is to do once; BASE=main says what has changed; IMAGE=REPOSITORY@DIGEST)
	@$(BESIDE) google $(ENV) $(if $(DEPLOY),--deploy $(filter-out 1,$(DEPLOY))) $(if $(IMAGE),--image "$(IMAGE)") $(if $(BASE),--base "$(BASE)")

azure: setup ## write ENV=prod for Azure Container Apps, and print what to run (DEPLOY=1 runs it, DEPLOY=again without what is to do once; BASE=main says what has changed; IMAGE=REPOSITORY@DIGEST)
	@$(BESIDE) azure $(ENV) $(if $(DEPLOY),--deploy $(filter-out 1,$(DEPLOY))) $(if $(IMAGE),--image "$(IMAGE)") $(if $(BASE),--base "$(BASE)")

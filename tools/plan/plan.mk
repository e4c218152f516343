.PHONY: plan
plan: cdk.out/manifest.json ## what ENV=dev needs, costs and hits first at TRAFFIC=5000/s (or 100x, a CSV, USERS=20000)
	@python -m tools.plan --environment $(ENV) $(if $(USERS),--users "$(USERS)",$(if $(TRAFFIC),--traffic "$(TRAFFIC)")) $(ARGS)

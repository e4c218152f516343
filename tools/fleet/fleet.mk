# Environments in several regions that serve one name: FLEETS in infra/environments.py, docs/fleet.md.
.PHONY: fleet
fleet: setup ## say who answers for FLEET=prod while each of its members fails, how late, and what of the data
	@python -m tools.fleet rehearse "$(FLEET)"

.PHONY: doctor
doctor: setup ## ask whether ENV=dev can be deployed for the first time: roles, bootstrap, quotas, zone, names
	@python -m tools.doctor $(ENV)

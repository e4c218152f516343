# An AWS emulator on this machine: no AWS account, no Docker.
EMULATOR := .local/emulator
# The CDK and its CLI keep caches in HOME: a HOME of their own keeps them in this folder.
LOCAL_CLOUD := HOME="$(CURDIR)/.local/home" python -m tools.local_cloud

$(EMULATOR)/.installed: tools/local_cloud/requirements.txt $(VENV)/.installed
	@echo "Setting up: the AWS emulator"
	@uv venv --quiet --clear --python $(VENV)/bin/python $(EMULATOR)
	@tools/download.sh uv pip sync --python $(EMULATOR)/bin/python --require-hashes tools/local_cloud/requirements.txt
	@touch $@

.PHONY: db up status-local logs-local scale-local down test-local-cloud
up: setup $(EMULATOR)/.installed $(APP_VENV)/.installed ## deploy to an AWS emulator here and print a URL (ENV=dev PORT=8080)
	@$(LOCAL_CLOUD) up --environment $(ENV) --port $(or $(PORT),8080)

status-local: setup ## show the local tasks, versions, health and log files
	@$(LOCAL_CLOUD) status

logs-local: setup ## follow the local tasks' logs (TASK=first characters of one id; WORKER=mail: that one's; METRICS=1 with metrics)
	@$(LOCAL_CLOUD) logs --task "$(TASK)" $(if $(WORKER),--worker "$(WORKER)") $(if $(METRICS),--metrics)

scale-local: setup ## set the number of local tasks (TASKS=4; WORKER=mail: of that worker)
	@$(LOCAL_CLOUD) scale $(or $(TASKS),2) $(if $(WORKER),--worker "$(WORKER)")

db: setup ## open psql in the local database (SQL="\dt" runs that alone)
	@$(LOCAL_CLOUD) db $(if $(SQL),--sql '$(SQL)')

down: setup ## destroy the local stack and stop everything (DATA=delete: the data of database and cache, too)
	@$(LOCAL_CLOUD) down $(if $(DATA),--data "$(DATA)")

test-local-cloud: setup $(EMULATOR)/.installed $(APP_VENV)/.installed $(MCP)/.installed ## deploy, update, break and destroy against the emulator
	@pytest tests/local_cloud

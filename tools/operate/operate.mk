# Commands for a deployed environment: ENV=prod, options in ARGS, LOCAL=1 for the local cloud of `make up`.
OPERATE = python -m tools.operate
OF = $(ENV) $(if $(LOCAL),--local) $(if $(JSON),--json) $(if $(TOKEN),--token "$(TOKEN)") $(ARGS)

.PHONY: console tunnel psql deploy status why releases cost logs csp secret secrets exec run-job run-task rollback maintenance-on maintenance-off pause resume destroy
# The local cloud makes a synth of its own; for AWS, what `make synth` wrote is deployed.
deploy: setup $(if $(LOCAL),$(APP_VENV)/.installed,cdk.out/manifest.json) ## deploy ENV=prod: the verdict first, then progress, then its URL and the way back (LOCAL=1, ACCEPT=1, FAST=1: in dev past CloudFormation)
	@$(OPERATE) deploy $(OF) $(if $(ACCEPT),--accept) $(if $(FAST),--fast)

status: setup ## show a deployed environment's deployment, tasks, alarms and URL (ENV=prod; LOCAL=1: of `make up`)
	@$(OPERATE) status $(OF)

why: setup ## explain a failed deployment: what failed, its last log lines, cause and fix
	@$(OPERATE) why $(OF)

releases: setup ## list who deployed which commit when, how it ended, and which is current
	@$(OPERATE) releases $(OF)

cost: setup ## show what the account paid for an environment, beside the estimate (MONTHS=6; asking costs a cent)
	@$(OPERATE) cost $(OF) $(if $(MONTHS),--months "$(MONTHS)")

logs: setup ## print what the tasks write (SINCE=2h TEXT=... REQUEST=id STATUS=5xx TASK=1a2b WORKER=mail; METRICS=1 with metrics; ARGS="--follow", "--previous")
	@$(OPERATE) logs $(OF) $(if $(METRICS),--metrics) $(if $(SINCE),--since "$(SINCE)") $(if $(TEXT),--text "$(TEXT)") \
	  $(if $(REQUEST),--request "$(REQUEST)") $(if $(STATUS),--status "$(STATUS)") $(if $(TASK),--task "$(TASK)") $(if $(WORKER),--worker "$(WORKER)")

secret: setup ## store a secret that ENV declares, from a prompt or stdin (NAME=DATABASE_URL; ARGS=--roll)
	@$(OPERATE) secret $(OF) --name "$(NAME)"

secrets: setup ## compare a file with what the app needs, and store its secrets (FROM=.env AS=json or parameters)
	@$(OPERATE) secrets $(OF) $(if $(FROM),--from "$(FROM)") $(if $(AS),--as "$(AS)")

csp: setup ## show what browsers report about the content security policy, and propose one (ARGS="--since 7d")
	@$(OPERATE) csp $(OF)

console: setup ## open flask shell in a task of its own, which ends with it (ARGS="--shell /bin/sh --minutes 20")
	@$(OPERATE) console $(OF)

tunnel: setup ## forward a port of this machine to the database, through a task (TO=db or TO=host:port; ARGS="--port 5433")
	@$(OPERATE) tunnel $(OF) $(if $(TO),--to "$(TO)")

psql: setup ## open psql in the environment's database, through a tunnel (SQL="select 1" runs that alone)
	@$(OPERATE) psql $(OF) $(if $(SQL),--sql '$(SQL)')

exec: setup ## open a shell in a task
	@$(OPERATE) exec $(OF)

run-job: setup ## run a job now, as its schedule does (NAME=nightly)
	@$(OPERATE) run-job $(OF) --name "$(NAME)"

run-task: setup ## run a command in a task of its own (COMMAND="flask db upgrade")
	@$(OPERATE) run-task $(OF) -- $(COMMAND)

rollback: setup ## go back to the release before, or stop the deployment under way
	@$(OPERATE) rollback $(OF)

maintenance-on: setup ## let the load balancer answer 503 with a page
	@$(OPERATE) maintenance-on $(OF)

maintenance-off: setup ## take the maintenance page away
	@$(OPERATE) maintenance-off $(OF)

pause: setup ## let a service that has `sleep` sleep now; a request wakes it
	@$(OPERATE) pause $(OF)

resume: setup ## wake a service that sleeps
	@$(OPERATE) resume $(OF)

destroy: setup ## run `cdk destroy` unless the environment is protected, and say what stays
	@$(OPERATE) destroy $(OF)

# A server for agents that look: the SDK of the Model Context Protocol, in a virtual environment of its own.
MCP := .local/mcp

$(MCP)/.installed: tools/mcp/requirements.txt $(VENV)/.installed
	@echo "Setting up: the Model Context Protocol"
	@uv venv --quiet --clear --python $(VENV)/bin/python $(MCP)
	@tools/download.sh uv pip sync --python $(MCP)/bin/python --require-hashes tools/mcp/requirements.txt
	@touch $@

.PHONY: mcp
mcp: setup $(MCP)/.installed ## print what an agent's configuration needs to look at environments, and nothing else (LOCAL=1: at that of `make up`)
	@$(MCP)/bin/python tools/mcp/server.py --configuration $(if $(LOCAL),--local)

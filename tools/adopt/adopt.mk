# --- adopt --------------------------------------------------------------------------------------

# Make hands FROM, APP and SERVICE on as the shell's variables, so that blanks and brackets in them stay.
.PHONY: adopt
adopt: $(VENV)/.installed ## take an app from FROM=../their-repo into this project; says what it set (APP=module:name if unclear)
	@python -m tools.adopt "$$FROM" $(if $(APP),--app "$$APP") $(if $(SERVICE),--service "$$SERVICE")
	@python -m tools.locks

# --- update -------------------------------------------------------------------------------------

.PHONY: update
update: $(VENV)/.installed ## bring this project to the kit's newest version; your files stay as they are
	@python -m tools.update

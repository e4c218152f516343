# --- review -------------------------------------------------------------------------------------

BASE ?= main

.PHONY: review
review: setup ## say what this change would do to the running systems, compared with BASE=main (HEAD=..., OUT=..., JSON=..., SARIF=..., FAIL_ON=...)
	@python -m tools.review --base "$(BASE)" $(if $(HEAD),--head "$(HEAD)") $(if $(OUT),--out "$(OUT)") \
	  $(if $(JSON),--json "$(JSON)") $(if $(SARIF),--sarif "$(SARIF)") $(if $(FAIL_ON),--fail-on "$(FAIL_ON)") $(if $(ACCEPT),--accept)

# The words are do.py's, so that Windows has the same ones: python do.py learn
PYTHON ?= $(shell command -v python3 || command -v python)
ONLY ?=
ARGS ?= $(if $(ONLY),-k $(ONLY))

.PHONY: learn test soak site grade bench check
learn test soak site grade bench check:
	@$(PYTHON) do.py $@ $(ARGS)

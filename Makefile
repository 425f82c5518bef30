# make demo    install and run the whole journey on bundled data (no GPU, no hub)
# make test    install what the tests need and run them
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt

.PHONY: help demo test test-slow lint clean

help:
	@sed -n 's/^# //p' $(MAKEFILE_LIST)

demo: $(VENV)/.demo
	$(BIN)/paperqa demo $(DEMO)

test: $(VENV)/.dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 25

# the demo on the real small model, DeepSpeed on two processes, Ray on this machine
test-slow: $(VENV)/.dev
	$(PIP) --editable '.[deepspeed,ray]'
	$(BIN)/python -m pytest -m slow

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache

$(VENV)/.created:
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/.demo: $(VENV)/.created pyproject.toml constraints.txt
	@echo "Installing LLaMA-Factory, PyTorch and this package into $(VENV): 2 to 6 minutes, 6 GB"
	$(PIP) --editable '.[demo]'
	touch $@

$(VENV)/.dev: $(VENV)/.demo
	$(PIP) --editable '.[demo,dev]'
	touch $@

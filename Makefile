# Only ordinary commands, spelled out; `make help` says which. Everything lands in this folder: .venv/, widget/node_modules/.

VENV   := .venv
PYTHON := $(VENV)/bin/python
# The virtual environment's programs come first; Node is among them where the machine has none that is new enough.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check bench widget lint format provision clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## set up, and serve the demo site on http://127.0.0.1:8000
	@$(VENV)/bin/consent demo $(DEMO)

test: provision widget/node_modules/.package-lock.json ## set up, and run every test (both databases, Chromium, the widget's)
	cd widget && npm test
	$(PYTHON) -m pytest $(or $(TESTS),-n auto --dist worksteal)

check: lint widget/node_modules/.package-lock.json ## the rules: lint, types, layers, generated files, the widget's build
	$(PYTHON) -m pytest tests/house -q
	cd widget && npm run check
	@before=$$(mktemp -d) && trap 'rm -rf "$$before"' EXIT && cp -R widget/dist/. "$$before" && (cd widget && npm run build) \
	  && diff -r "$$before" widget/dist && echo "widget/dist is what its sources build." \
	  || { echo "widget/dist differs from what its sources build: commit the files just built." >&2; exit 1; }

bench: provision ## measure the write path beside its ceilings (minutes)
	$(PYTHON) -m tests.bench $(BENCH)

widget: widget/node_modules/.package-lock.json ## build widget/dist from its sources (needs Node)
	cd widget && npm run build

lint: $(VENV)/.tested ## ruff, mypy and the layers
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/.tested ## put the Python code in order
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

provision: $(VENV)/.tested ## bring what the tests need: Chromium, Node, PostgreSQL, strace
	@$(PYTHON) -m tests.provision

clean: ## remove everything that make made
	rm -rf $(VENV) widget/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find consent tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A virtual environment of the first Python that is new enough; a name may be there and not run, so each is tried.
$(VENV)/pyvenv.cfg:
	@for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; found=$$python; \
	  "$$python" -c 'import ensurepip, venv' 2>/dev/null || continue; \
	  echo "Making $(VENV) with $$("$$python" --version)"; exec "$$python" -m venv $(VENV); \
	done; \
	if [ -n "$$found" ]; then echo "$$found cannot make a virtual environment: install the package python3-venv." >&2; \
	else echo "No Python 3.11 or newer here: install the packages python3 and python3-venv (or from python.org)." >&2; fi; exit 1

$(VENV)/.installed: pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Installing what the service needs"
	@$(PYTHON) -m pip install --quiet --editable .
	@touch $@

$(VENV)/.tested: pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Installing what the service and its tests need"
	@$(PYTHON) -m pip install --quiet --editable '.[test]'
	@touch $(VENV)/.installed $@

widget/node_modules/.package-lock.json: widget/package.json widget/package-lock.json | provision
	cd widget && npm ci --no-audit --no-fund
	@touch $@

# The two commands of the README: `make demo` and `make test`. Each keeps a virtual environment of
# its own under .venv/ and installs into it what it needs, pinned by constraints.txt.

PYTHON ?= python3
DEMO := .venv/demo
TEST := .venv/test
BIN := $(TEST)/bin
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
PIP_INSTALL := -m pip install --quiet --constraint constraints.txt

.PHONY: demo test python-checks js-checks python-tests clean
.NOTPARALLEL:

demo: $(DEMO)/.done
	$(DEMO)/bin/jupyter lab $(AS_ROOT) --notebook-dir=examples --LabApp.default_url=/lab/tree/quickstart.ipynb

$(DEMO)/.done: pyproject.toml constraints.txt hatch_build.py
	$(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python $(PIP_INSTALL) --editable '.[demo]'
	@touch $@

test: js-checks python-checks python-tests

js-checks: node_modules/.done
	npx --no-install biome check js
	npx --no-install tsc --noEmit
	npx --no-install vitest run

python-checks: $(TEST)/.done
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

python-tests: $(TEST)/.done .venv/chromium
	SAMWIDGET_TEST_ALL=1 $(BIN)/python -m pytest -m "not browser" -n 2 --dist loadfile
	SAMWIDGET_TEST_ALL=1 $(BIN)/python -m pytest -m browser

node_modules/.done: package.json package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 20 or newer with npm is needed: https://nodejs.org"; exit 1; }
	npm ci --no-audit --no-fund
	@touch $@

$(TEST)/.done: pyproject.toml constraints.txt hatch_build.py node_modules/.done
	$(PYTHON) -m venv $(TEST)
	$(BIN)/python $(PIP_INSTALL) --editable '.[test]'
	$(BIN)/python -m pip install --quiet --no-deps --target $(TEST)/ipykernel6 --upgrade ipykernel==6.31.0
	$(BIN)/python -m pip install --quiet --no-deps --target $(TEST)/timm --upgrade timm==1.0.31
	@touch $@

.venv/chromium:
	@tests/browser/need_chromium.sh
	@mkdir -p .venv && touch $@

clean:
	rm -rf .venv node_modules samwidget/static dist

# Everything runs from here; each target makes the virtual environment itself.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: run test check bench

run: $(READY)
	$(BIN)/sevenstep serve $(ARGS)

test: check
	scripts/find-chromium || echo "no Chromium: the browser tests will be skipped"
	scripts/find-postgres || echo "no PostgreSQL: its tests will be skipped"
	scripts/find-redis || echo "no Redis: its tests will be skipped"
	$(BIN)/pytest -n auto --dist loadgroup $(ARGS)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sevenstep rubric lint
	$(BIN)/sevenstep bank lint

bench: $(READY)
	$(BIN)/python -m benchmarks $(ARGS)

$(READY): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

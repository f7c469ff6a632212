# `make demo` and `make test` are all one needs; both set up what they need first.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
TENURE := $(BIN)/tenure
SERVE  ?= 1
PORT   ?= 3000
WORKERS ?= 3

.PHONY: demo test test-long lint format types contract lock clean check-machine

demo: $(STAMP)-demo
	@$(TENURE) demo $(if $(WORLD),--world $(WORLD)) $(if $(filter 0,$(SERVE)),--no-serve,--serve) --port $(PORT)

test: $(STAMP)-dev lint types contract
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not long" --doctest-modules --ignore serving/service.py --ignore tests/benchmarks/featuretools_peer.py --ignore tests/benchmarks/lookup_service.py models pipelines serving tests $(ARGS)

test-long: $(STAMP)-dev
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/long.py

lint: $(STAMP)-dev
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

format: $(STAMP)-dev
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

types: $(STAMP)-dev links
	@$(BIN)/mypy

contract: $(STAMP)-dev links
	@PYTHONPATH=.links $(BIN)/lint-imports --no-cache

# mypy and import-linter want the packages as folders: links with the installed names.
links: .links/tenure/models
.links/tenure/models:
	@mkdir -p .links/tenure && for p in models pipelines serving; do ln -sfn ../../$$p .links/tenure/$$p; done

# A hash-pinned lock for every platform, without any address in it.
lock: $(STAMP)-dev
	@$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --all-extras --upgrade pyproject.toml -o constraints.txt

$(STAMP)-demo: pyproject.toml constraints.txt | check-machine
	@sh tests/setup.sh $(PYTHON) $(VENV) demo
	@touch $@

$(STAMP)-dev: pyproject.toml constraints.txt | check-machine
	@sh tests/setup.sh $(PYTHON) $(VENV) dev
	@touch $@ $(STAMP)-demo

check-machine:
	@missing=""; \
	command -v $(PYTHON) >/dev/null || missing="$$missing python3.11"; \
	{ command -v $(PYTHON) >/dev/null && $(PYTHON) -c 'import venv, ensurepip' 2>/dev/null; } || missing="$$missing python3.11-venv"; \
	command -v git >/dev/null || missing="$$missing git"; \
	if [ "$$(uname)" = Linux ]; then { ldconfig -p 2>/dev/null || /sbin/ldconfig -p; } | grep -q 'libgomp\.so\.1' || missing="$$missing libgomp1"; fi; \
	if [ -n "$$missing" ]; then \
		if [ "$$(uname)" = Darwin ]; then echo "Missing:$$missing. Install with:  brew install python@3.11 git libomp"; \
		else echo "Missing:$$missing. Install with:  sudo apt-get update && sudo apt-get install -y$$missing"; fi; exit 1; fi

clean:
	rm -rf $(VENV) .demo .links build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

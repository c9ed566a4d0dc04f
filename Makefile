# `make serve` and `make test` set up all they need; `make help` lists the rest.
#
# Variables: VENV=path uses another environment, PYTHON=command makes it with another Python, TORCH_INDEX=address takes
# torch from an index of CPU builds where pip's own choice would be a CUDA build.

VENV ?= .venv
override VENV := $(patsubst %/,%,$(VENV))
$(if $(filter-out 1,$(words $(VENV))),$(error VENV must be one path without spaces))
PYTHON ?= $(or $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p --version >/dev/null 2>&1 && echo $$p && break; done),python3)
TORCH := torch==2.13.0
TORCH_INDEX ?=
WORKERS ?= auto
PORT ?= 8000
BIN := $(VENV)/bin
LOG := .cache/setup.log

# A step of the set-up is done when a stamp named after the contents that it depends on exists, so touching a file means
# nothing and changing one means doing the step again. The paths are in because environments do not survive a move.
hash = $(shell { echo '$(1)'; cat $(2); } | cksum | tr ' ' '-')
PACKAGES := $(VENV)/.packages-$(call hash,$(abspath $(VENV)) $(TORCH),requirements.lock)
PROJECT := $(VENV)/.project-$(call hash,$(CURDIR),pyproject.toml src/livedocs/pyproject.toml)
ASSETS := node_modules/.assets-$(call hash,,package-lock.json .npmrc)
LOADS_TORCH = $(BIN)/python -c 'import torch'
# Exists while an environment is being made: one that was interrupted is made again from nothing.
UNFINISHED := $(VENV).unfinished

# Runs $(1) with its output in the log; if it fails, shows the end of the log and says that $(2) failed.
logged = { $(1); } >>$(LOG) 2>&1 || { tail -n 15 $(LOG) >&2; \
	echo "$(2) failed; run the same command to try again (all output: $(LOG))" >&2; exit 1; }
quietly = @mkdir -p $(dir $(LOG)); $(call logged,$(1),$(2))

MAKE_VENV = $(PYTHON) -m venv --clear $(VENV)
# Python files are compiled by all cores in the end, not by pip one by one.
PIP := $(BIN)/python -m pip install --no-compile
# uv reads no settings of pip's, so it is told from which index pip installs, unless it has an index of its own.
UV := index=$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}}; \
	$${index:+env UV_DEFAULT_INDEX="$$index"} $(BIN)/uv pip
LOCKED := --no-deps --require-hashes --requirement
UV_ALONE := $(VENV)/uv.txt

.PHONY: help setup browser serve site check portable accept lint style types test bench lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' Makefile

serve: setup ## serve the site at http://127.0.0.1:8000 (or PORT=) and rebuild it at every edit
	@$(BIN)/python -m livedocs serve --address 127.0.0.1:$(PORT)

site: setup ## build the site into site/, which works on a server and opened from the file system
	@$(BIN)/python -m livedocs build

check: setup ## check one snippet: make check SNIPPET=gru/step.py
	@$(BIN)/python -m livedocs check $(or $(SNIPPET),$(error name a snippet: make check SNIPPET=gru/step.py))

portable: setup ## run snippets as other machines would, and pasted, and in notebooks: make portable [SNIPPETS=gru/step.py]
	@$(BIN)/python -m livedocs portable $(SNIPPETS)
	@$(BIN)/python -m livedocs build
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --commit-runs $(if $(SNIPPETS),--keep-passed) \
		tests/site/test_copy.py tests/site/test_books.py

accept: setup ## take the values that the snippets now give as the expected ones
	@$(BIN)/python -m livedocs accept

# Types are checked beside the site, in the time that this leaves: its end keeps one core busy.
test: setup browser style ## run all checks and tests
	@$(MAKE) --no-print-directory --jobs 2 types site
	@echo "== the values that prose states"
	@$(BIN)/python -m livedocs expected
	@echo "== what snippets give on other machines"
	@$(BIN)/python -m livedocs portable --new
	@echo "== links and anchors" # the build itself checks those that set a widget
	@$(BIN)/lychee --offline --include-fragments --no-progress --extensions html --exclude '#[a-z-]+(-\d+)?\.\w+=' --exclude-path site/404.html site
	@echo "== the lab's own tests"
	@$(BIN)/node --test --test-reporter dot 'lab/tests/*.test.ts'
	@echo "== tests"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --keep-passed

lint: style types ## run the checks that need no build: style, types, spelling, workflows

style: setup
	@echo "== style"
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check || { echo "mend it with: $(BIN)/ruff format" >&2; exit 1; }
	@echo "== spelling"
	@$(BIN)/typos
	@echo "== workflows and metadata"
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema custom.github-workflows-require-timeout .github/workflows/*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.citation-file-format CITATION.cff
	@$(BIN)/pre-commit validate-config
	@$(BIN)/zizmor --offline --quiet --no-progress --persona pedantic .

types: setup
	@echo "== types"
	@nice $(BIN)/mypy
	@nice $(BIN)/node node_modules/typescript/bin/tsc --project lab

bench: setup ## measure the engine, the module, set-up and tests beside what they replace: an hour
	@$(BIN)/python -m benchmarks

lock: $(PACKAGES) ## renew requirements.lock and package-lock.json
	@echo "Locking Python packages ..."
	@$(UV) compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 --fork-strategy fewest \
		--prerelease disallow --custom-compile-command "make lock" --output-file requirements.lock requirements.in
	@echo "Looking for their wheels on each platform ..."
	@for platform in x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu aarch64-apple-darwin; do \
		for python in 3.11 3.12 3.13; do \
			MACOSX_DEPLOYMENT_TARGET=14.0; export MACOSX_DEPLOYMENT_TARGET; \
			$(UV) install --quiet --dry-run --target $(VENV)/none --no-build --python-platform $$platform \
				--python-version $$python $(LOCKED) requirements.lock || \
				{ echo "this lock cannot be installed on $$platform with Python $$python" >&2; exit 1; }; \
		done; \
	done
	@echo "Locking front-end packages ..."
	@$(BIN)/npm update --package-lock-only

clean: ## remove what builds made; the environment stays
	rm -rf site .cache

setup: $(PROJECT) $(ASSETS)

$(PACKAGES):
	@if [ -e $(VENV) ] && [ ! -e $(UNFINISHED) ] && ! ls $(VENV)/.packages-* >/dev/null 2>&1; then \
		echo "$(VENV) was not made by this set-up: remove it, or name another place with VENV=path" >&2; exit 1; fi
	@case "$$($(PYTHON) --version 2>&1)" in "Python 3.1"[123].*) ;; \
		*) echo "warning: this is tested on Python 3.11 to 3.13, not on $$($(PYTHON) --version 2>&1)" >&2;; esac
	@mkdir -p $(dir $(LOG)) $(dir $(UNFINISHED)) && : >$(LOG) && touch $(UNFINISHED)
	@echo "Making the environment $(VENV) ..."
	$(call quietly,$(MAKE_VENV),making the environment)
	@echo "Installing Python packages ..."
	@{ sed -n '/^uv==/,/# via/p' requirements.lock >$(UV_ALONE) && $(PIP) $(LOCKED) $(UV_ALONE) && \
		$(UV) install --python $(BIN)/python $(LOCKED) requirements.lock; } >>$(LOG) 2>&1 || { \
		echo "uv could not install them (all output: $(LOG)): pip tries, which takes longer ..."; \
		$(call logged,$(MAKE_VENV) && $(PIP) $(LOCKED) requirements.lock,installing Python packages); }
	@echo "Installing $(TORCH) ..."
	$(call quietly,$(PIP) --no-deps $(addprefix --index-url ,$(TORCH_INDEX)) $(TORCH),installing torch)
	@$(LOADS_TORCH) >>$(LOG) 2>&1 || \
		echo "This is a CUDA build of torch: installing its libraries too (TORCH_INDEX=address avoids that) ..."
	$(call quietly,$(LOADS_TORCH) || { $(PIP) $(TORCH) && $(LOADS_TORCH); },loading torch)
	@echo "Compiling Python files ..."
	@$(BIN)/python -m compileall -q -j 0 -x /tests/ $(VENV)/lib >>$(LOG) 2>&1 || true # templates do not compile
	@touch $@ && rm $(UNFINISHED)

$(PROJECT): $(PACKAGES)
	@echo "Installing this project ..."
	$(call quietly,$(PIP) --no-deps --no-build-isolation --editable . --editable src/livedocs,installing this project)
	@rm -f $(VENV)/.project-* && touch $@

$(ASSETS): | $(PACKAGES)
	@echo "Installing front-end packages ..."
	$(call quietly,$(BIN)/npm ci,installing front-end packages)
	@touch $@

# Debian's own package brings the libraries that Chromium needs, but takes root; Playwright's goes into the home folder.
browser: $(PACKAGES)
	@command -v chromium >/dev/null || echo "Installing Chromium, unless it is there ..."
	$(call quietly,command -v chromium || \
		if [ "$$(id -u)" = 0 ] && command -v apt-get; \
		then apt-get update && apt-get install --yes --no-install-recommends chromium; \
		else $(BIN)/python -m playwright install chromium; fi,installing Chromium)

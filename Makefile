# Every target sets up what it needs first; PYTHON names the interpreter to start from.
PYTHON ?= python3
RUN := PATH="$(CURDIR)/.venv/bin:$$PATH"

.PHONY: help setup demo test synth diff templates lint snapshots reference bench compat picture licences regions verify-account lock

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: ## install the locked tools into .venv and node_modules
	@command -v $(PYTHON) >/dev/null || { echo "setup: no $(PYTHON) on the PATH; install Python \
	3.11 or newer, or name one you have: make PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) tools/setup.py

demo: setup ## deploy the lab to a local AWS and show it (KEEP=1 leaves it running)
	@$(RUN) python -m localaws.demo $(if $(filter-out 0,$(KEEP)),--keep)

# Each worker would compile the tests again where the shell keeps Python from writing bytecode.
test: setup ## run every check and test
	@$(RUN) PYTHONDONTWRITEBYTECODE= python -m pytest -n auto --dist loadfile --no-loadscope-reorder

synth: setup ## write the templates to cdk.out, unless nothing has changed
	$(if $(SETTINGS),$(error synth: takes oelab.toml; for another file: \
	npx --no-install cdk synth -c settings=$(SETTINGS)))
	@$(RUN) tools/synth

diff: setup ## what the working tree changes against BASE=<commit>, without credentials
	@$(RUN) python -m oelab diff --base "$(or $(BASE),HEAD)" \
		$(if $(SETTINGS),--settings "$(SETTINGS)",$$($(RUN) tools/synth --check))

templates: setup ## write the parameterised templates to build/templates
	@$(RUN) python -m oelab.bundle

lint: setup ## ruff, mypy and the layers of the packages
	@$(RUN) ruff check .
	@$(RUN) ruff format --check --quiet .
	@$(RUN) mypy
	@$(RUN) lint-imports --no-logo

snapshots: setup ## take today's templates as the expected ones
	@$(RUN) python -m pytest --quiet --update-snapshots tests/test_snapshots.py tests/bundle/test_snapshots.py

reference: setup ## write the pages and tables that are made from the code
	@$(RUN) tools/reference

bench: setup ## measure synth, growth, tests and command line, compared with TypeScript
	@$(RUN) python -m benchmarks

compat: setup ## compare the templates of the oldest and the newest allowed CDK
	@$(RUN) tools/compat

picture: setup ## record the demo as docs/demo.svg
	@$(RUN) tools/picture

licences: setup ## list the licence of every package that is installed
	@$(RUN) tools/licences

regions: setup ## list the Regions that have Systems Manager, as the locked SDK knows them
	@$(RUN) tools/regions

verify-account: setup ## answer on a sandbox account what no emulator can (asks first)
	@$(RUN) tools/verify-account $(if $(filter-out 0,$(YES)),--yes)

lock: setup ## resolve the dependencies of pyproject.toml again
	@$(RUN) tools/lock

PYTHON ?= python3
BIN := .venv/bin
ON_A_CLUSTER := tests/testbed tests/e2e tests/builders $(addprefix tests/contracts/test_,builders.py patterns.py kubernetes_channels.py kubernetes_escapes.py kubernetes_ground.py kubernetes_memory.py \
  kubernetes_owners.py kubernetes_pulls.py kubernetes_refusals.py kubernetes_rights.py kubernetes_routes.py kubernetes_secrets.py)
# Of Kubernetes' SDK the image has nothing that is for asyncio.
UNUSED := aiohttp aiohttp-retry aiohappyeyeballs aiosignal attrs frozenlist multidict propcache yarl
LOCK := $(BIN)/pipx run uv pip compile --quiet --no-config --upgrade --exclude-newer '1 week' --generate-hashes --python-version 3.11 --python-platform linux --custom-compile-command 'make lock'

.DEFAULT_GOAL := help
.PHONY: help demo test conformance bench check format lint fast docs dist lock engine testbed image cluster clean

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 13

demo: .venv/installed engine  ## set up what is missing, then play a pull request from its opening to its end
	$(BIN)/python -m tests.demo

test: .venv/installed testbed image cluster lint  ## set up what is missing, then run every check and the tests
	$(BIN)/pytest -n 4 --dist worksteal -m "not cluster"
	$(BIN)/pytest -n 4 --dist worksteal -m cluster $(ON_A_CLUSTER)

conformance: .venv/installed testbed cluster  ## the whole contract of runners on Kubernetes; a quarter of an hour
	$(BIN)/pytest -n 4 --dist worksteal -m cluster

bench: .venv/installed testbed cluster  ## measure it beside doing the same by hand; make bench NAMES=jobs for one of them
	$(BIN)/python -m bench $(NAMES)

check: .venv/installed  ## what to run before each commit: the checks and the quick tests, which need no engine
	@$(MAKE) --no-print-directory -j2 lint fast

fast: .venv/installed
	$(BIN)/pytest -n 2 -m "not engine and not slow" --hypothesis-profile=quick

lint: .venv/installed
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-logo >.venv/imports.log || { cat .venv/imports.log; exit 1; }

docs: .venv/installed  ## the pages as a site, in dist/site; what leads nowhere fails it
	$(BIN)/python -m sphinx -E -a -W --keep-going -q -c docs -b dirhtml . dist/site

dist: .venv/installed  ## the wheel and the source archive, the same bytes each time, and a list of what they need
	rm -rf dist
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --quiet
	$(BIN)/python -m venv --clear dist/venv && dist/venv/bin/pip install --quiet --disable-pip-version-check dist/matinee-*.whl
	$(BIN)/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml --output-file dist/matinee.cdx.json dist/venv
	rm -rf dist/venv

lock: .venv/installed  ## name anew, by version and hash, what the bot's image is installed and built from
	$(LOCK) pyproject.toml --extra postgres $(addprefix --no-emit-package=,$(UNUSED)) --output-file deploy/requirements.txt
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' | \
	  $(LOCK) - --output-file deploy/requirements-build.txt

format: .venv/installed  ## put the code into its form
	$(BIN)/ruff check --fix --quiet
	$(BIN)/ruff format --quiet

engine:  ## a container engine with its images, if none answers
	tests/testbed/engine.sh up
	tests/testbed/images.sh

testbed: engine  ## what the tests want beside it: a registry and a BuildKit of its own
	tests/testbed/registry.sh up
	tests/testbed/buildkit.sh up

image: engine  ## the bot's image in the testbed's registry, and Helm for its chart
	tests/testbed/image.sh
	tests/testbed/helm.sh

cluster: engine  ## a Kubernetes cluster, if KUBECONFIG names none
	@test -n "$$KUBECONFIG" || tests/testbed/cluster.sh up

clean:  ## remove what was made here; engine and cluster stay (tests/testbed/engine.sh down, cluster.sh down)
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv || { echo "venv is missing: on Debian, apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,postgres]'
	@touch $@

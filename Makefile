# Thin aliases. Each line goes through the bootstrap, which makes or mends .venv first and does nothing after that.
PYTHON ?= python3
WITH = @$(PYTHON) shop/runner/bootstrap.py
DEV = $(WITH) --dev -m
LOCK = $(DEV) uv pip compile --quiet --system-certs --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock" pyproject.toml

.PHONY: help run demo check test test-browser simulate chaos mutants proof bench bench-quick docs pictures lock

help:  ## what there is
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

run:  ## start everything; PORT=8001 and WORKERS=combined change it; Ctrl-C stops it
	$(WITH) manage.py up

demo:  ## the main job without hands, in a throw-away stack: somebody signs up, orders and cancels
	$(WITH) manage.py demo

check:  ## lint, types, import contracts, dependencies, migrations
	$(DEV) ruff check .
	$(DEV) ruff format --check .
	$(DEV) mypy .
	$(WITH) --dev .venv/bin/lint-imports
	$(DEV) deptry .
	$(WITH) --dev -W "ignore:Got an error checking:RuntimeWarning" manage.py makemigrations --check --dry-run
	$(WITH) --dev manage.py upgrades

test: check  ## what a change must pass: the checks, then tests on real PostgreSQL, Valkey and workers
	$(DEV) pytest -n 2 --dist loadfile --no-loadscope-reorder

test-browser:  ## what staff do, in a real browser; BROWSER_SCREENSHOTS=DIR keeps how the pages look
	$(DEV) pytest tests/browser

simulate:  ## schedules of the whole shop by seeds, with crashes at every place; SEEDS=2000, SEED=0 is the first
	$(DEV) pytest -n 2 --dist loadfile tests/simulation --seeds $(or $(SEEDS),2000) --seed $(or $(SEED),0)

chaos:  ## customers order while everything is killed, frozen and cut; CHAOS_SECONDS=300 CHAOS_SEED=1
	$(DEV) tests.chaos

mutants:  ## take one safeguard after the other out of the shop, and see that it is caught
	$(DEV) pytest -n 2 tests/mutants --hunt

proof: simulate mutants chaos  ## all of the three, long: more than half an hour

bench:  ## what the shop can do, by benchmarks/budget.py; COMPARE=earlier.json stands beside it
	$(DEV) benchmarks $(if $(COMPARE),--compare $(COMPARE))

bench-quick:  ## the same in two minutes: one layout of the workers, short runs
	$(DEV) benchmarks --quick $(if $(COMPARE),--compare $(COMPARE))

docs: export NO_MKDOCS_2_WARNING = 1
docs:  ## the documentation site, into site/
	$(DEV) mkdocs build --strict

pictures:  ## take the site's pictures anew, of a throw-away stack; needs Chromium
	$(DEV) handbook.pictures

lock:  ## write the locks anew from pyproject.toml; what is pinned stays unless UPGRADE=--upgrade
	$(LOCK) $(UPGRADE) -o requirements.txt
	$(LOCK) $(UPGRADE) --group dev --all-extras -c requirements.txt -o requirements-dev.txt

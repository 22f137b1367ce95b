# Everything is made inside .build/; `make help` lists the targets.
PYTHON ?= python3
READY := sh tests/gates/ready.sh $(PYTHON)
GATES := $(READY) && $(PYTHON) -B -m tests.gates

.DEFAULT_GOAL := help
.PHONY: help dev test test-all lint sanity units integration coverage e2e prove bench package report pictures docs release demo clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

dev: ## make .venv, where single tests run: .venv/bin/pytest tests/unit/...
	@$(READY)
	@test -x .venv/bin/pip || $(PYTHON) -m venv .venv
	@.venv/bin/pip install --quiet --requirement tests/requirements/unit.txt

test: ## run every check, as CI does
	@$(GATES)

test-all: ## the same, with sanity, units and integration on every supported ansible-core (ONLY=..., CORE=... choose)
	@$(GATES) --all $(if $(ONLY),--only $(ONLY)) $(if $(CORE),--core $(CORE))

lint: ## style, types, documentation, changelog, licences, what is new
	@$(GATES) --only lint

sanity: ## ansible-test sanity on the oldest and the newest ansible-core
	@$(GATES) --only sanity

units: ## unit tests on the oldest and the newest ansible-core
	@$(GATES) --only units

integration: ## integration targets on the oldest and the newest ansible-core
	@$(GATES) --only integration

coverage: ## how much of the plugins the units run
	@$(GATES) --only units coverage

e2e: ## playbooks and roles against the emulator
	@$(GATES) --only e2e

prove: ## the campaigns of tests/robustness in full size
	@$(GATES) --only prove --full

bench: ## measure everything beside its peers, against the goals (ARGS="--only list end": some of it)
	@$(PYTHON) -B -m tests.benchmark $(ARGS)

package: ## build, install and inspect the package
	@$(GATES) --only package

report: ## the pages of the reports in a real browser
	@$(GATES) --only report

pictures: ## the same, and pictures of the pages to look at, in .build/pictures
	@PICTURES=yes $(GATES) --only report

docs: ## the documentation site, in .build/docs/html
	@$(GATES) --only docs

release: ## VERSION=1.2.3: write the version and the changelog, commit, tag, build from the tag
	@$(PYTHON) -B -m tests.gates.release $(VERSION)

demo: ## a cleanup of stale sessions, against the emulator
	@$(READY) && PYTHON=$(PYTHON) bash tests/demo/run.sh

clean: ## remove everything that was made
	rm -rf .build

# The two commands that matter are `make run` and `make test`.

BIN := .venv/bin
MESSAGES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
WITH_SERVERS := scripts/with_postgres.sh scripts/with_broker.sh
USUAL := not browser and not thorough and not soak
# What has jobs of its own is left out.
ON_SQLITE := --ignore=tests/faults --ignore=tests/browser --ignore=tests/lives
# What is tried once, on SQLite: what needs no database, lives of contracts that are written down, the
# thousands of requests of the matrix, and fresh copies of the repository.
TRIED_ONCE := tests/rules tests/terms tests/calculation tests/documents tests/source_files tests/matrix \
	tests/lives/test_own_lives.py tests/lives/test_reference_lives.py tests/test_alone.py tests/portal/test_make_run.py
# Where it is the database and the broker themselves that count: locks, races, the work of a month.
ON_PRODUCTION := tests/at_once tests/runs
PAGES := tests/web tests/matrix
FILES := tests/documents tests/exports tests/source_files tests/tables_in tests/takeover tests/terms tests/upgrade
PORTAL := tests/accounts tests/company tests/data_protection tests/portal tests/search tests/staffing
STATIC := $(or $(PORTAL_VAR),var)/staticfiles/staticfiles.json

.DEFAULT_GOAL := help
.PHONY: help run test test-sqlite test-files test-portal test-pages test-production test-browser test-lives test-thorough thorough-rest thorough-pages thorough-sqlite thorough-faults thorough-production coverage soak bench lint clean bootstrap bootstrap-test

help:
	@echo "make run     serve the portal with demo data on http://localhost:8000/"
	@echo "make test    check everything on SQLite, and on PostgreSQL with RabbitMQ where it is they that count"
	@echo "make test-thorough  the rest on PostgreSQL, kills and losses, and what takes longer"
	@echo "make soak    play faults and properties again and again, then the full benchmark; HOURS=3 unless told"
	@echo "             LIVES=10000: think up so many lives of contracts instead; SEED=7 goes on where it was stopped"
	@echo "make bench   measure speed and memory, side by side with the plain ways; QUICK=1: in under a minute"
	@echo "             PAGES=1: open every page at 1,000 and 100,000 contracts on PostgreSQL instead; SIZES=\"1000 20000\""
	@echo "make coverage  run the tests on SQLite, and say which modules they reach least"
	@echo "make lint    check style, types, layers, migrations and templates"
	@echo "make clean   remove what the commands made, but for the data in var/"

run: bootstrap $(MESSAGES) $(STATIC)
	@scripts/run.sh

# All at once, each with a database and files of its own: while one waits for a browser or a server, another works.
# The longest begin first, so that no core is idle in the end.
test: bootstrap-test $(MESSAGES)
	@$(MAKE) --no-print-directory --jobs=3 test-sqlite test-files test-pages test-portal test-production test-lives test-browser lint

# Kills and losses are played by `test-thorough`, on both.
test-sqlite:
	$(BIN)/pytest $(ON_SQLITE) $(PAGES:%=--ignore=%) $(FILES:%=--ignore=%) $(PORTAL:%=--ignore=%)

test-files:
	$(BIN)/pytest $(FILES)

test-portal:
	$(BIN)/pytest $(PORTAL)

test-pages:
	$(BIN)/pytest $(PAGES)

test-browser test-lives: test-%:
	$(BIN)/pytest tests/$*

# With the servers of production: a database and a broker that lie outside the processes, and may be lost. The rest follows in `test-thorough`.
test-production:
	$(WITH_SERVERS) $(BIN)/pytest $(ON_PRODUCTION) $(TRIED_ONCE:%=--ignore=%) -m "$(USUAL)"

# What takes longer than `make test` may: continuous integration runs it too.
test-thorough: bootstrap-test $(MESSAGES)
	@$(MAKE) --no-print-directory --jobs=2 thorough-rest thorough-pages thorough-sqlite thorough-faults thorough-production

thorough-rest:
	$(WITH_SERVERS) $(BIN)/pytest $(ON_PRODUCTION:%=--ignore=%) $(TRIED_ONCE:%=--ignore=%) --ignore=tests/faults --ignore=tests/web -m "$(USUAL)"

thorough-pages:
	$(WITH_SERVERS) $(BIN)/pytest tests/web -m "$(USUAL)"

thorough-sqlite:
	$(BIN)/pytest -m "thorough and not production"

thorough-faults:
	$(BIN)/pytest tests/faults

thorough-production:
	$(WITH_SERVERS) $(BIN)/pytest tests/faults -m "not thorough"
	$(WITH_SERVERS) $(BIN)/pytest $(TRIED_ONCE:%=--ignore=%) --ignore=tests/lives -m "thorough and not browser"

# The ten modules of which the tests on SQLite reach least, and the whole. Measuring takes half as long again.
coverage: bootstrap-test $(MESSAGES)
	$(BIN)/coverage run -m pytest -q $(ON_SQLITE)
	$(BIN)/coverage report --sort=cover | sed -n '1,12p; /^TOTAL/p'

soak: bootstrap-test $(MESSAGES)
	@$(if $(LIVES),$(BIN)/python -m tests.lives.machine.soak $(LIVES) $(and $(SEED),--seed $(SEED)),scripts/soak.sh $(HOURS))

bench: bootstrap-test $(MESSAGES)
ifeq ($(PAGES),)
	@QUICK=$(QUICK) $(BIN)/python benchmarks/run.py
else
	@QUICK=$(QUICK) SIZES="$(SIZES)" ONLY="$(ONLY)" scripts/with_postgres.sh $(BIN)/python benchmarks/open_pages.py
endif

lint: bootstrap-test $(MESSAGES)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python manage.py check
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/djlint templates --lint --quiet
	if command -v shellcheck >/dev/null; then shellcheck scripts/*.sh tests/faults/*.sh .ci/run; fi

bootstrap:
	@scripts/bootstrap.sh run

bootstrap-test:
	@scripts/bootstrap.sh test

%.mo: %.po | bootstrap
	msgfmt --check --output-file=$@ $<

$(STATIC): requirements.txt $(shell find static -type f) | bootstrap
	@echo "Collecting static files …"
	@$(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@touch $@

clean:
	rm -rf .venv var/staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -f $(MESSAGES) .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

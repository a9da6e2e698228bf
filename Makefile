# Everything a fresh machine needs beyond python3, pip and make, the targets install for themselves.
PYTHON ?= python3
export UV_PYTHON_DOWNLOADS = never

# Django 6 needs Python 3.12; older interpreters get 5.2.
NEWEST := $(shell $(PYTHON) -c "import sys; print('61' if sys.version_info >= (3, 12) else '52')")
UV := .tools/bin/uv
RUN := .venv-service
DEV := .venv-django$(NEWEST)

# What `make test` leaves to other targets.
QUICK := not drill and not browser
# Each process takes a row of tests, which share the costly fixtures of their module; who is done takes from the others.
PARALLEL := -n auto --dist worksteal
GENERATORS := .tools/generators
AXE := .tools/node_modules/axe-core/axe.min.js

HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT
# Containers often set it; without what it forbids each worker of the tests compiles every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test host replica browse browser generators screenshots lint format matrix edges drills failover promises bench bench-growth bench-growth-10m bench-load \
  migrations readme locks clean

run: $(RUN)/.done
	@$(RUN)/bin/python manage.py collectstatic --noinput -v0
	@$(RUN)/bin/python manage.py prepare --address $(HOST):$(PORT)
	@exec $(RUN)/bin/python manage.py serve

# The suite on SQLite, then on PostgreSQL: a server is found or started, see tests/postgres.py.
test: $(DEV)/.done
	$(DEV)/bin/python -m pytest -q $(PARALLEL) -m "$(QUICK)" $(ARGS)
	$(DEV)/bin/python -m tests.postgres $(DEV)/bin/python -m pytest -q $(PARALLEL) -m "$(QUICK)" $(ARGS)

# The wires inside a host project whose every setting is against them.
host: $(DEV)/.done
	DJANGO_SETTINGS_MODULE=tests.settings_host $(DEV)/bin/python -m pytest -q $(PARALLEL) -m "$(QUICK)" tests/messaging tests/threads tests/openai tests/memories tests/transcript tests/wire $(ARGS)

# The wires, and what staff redact and delete, behind a router that reads from a replica, which refuses whatever it may not know.
replica: $(DEV)/.done
	DJANGO_SETTINGS_MODULE=tests.settings_replica $(DEV)/bin/python -m pytest -q $(PARALLEL) -m "$(QUICK)" tests/wire tests/threads tests/openai tests/transcript tests/memories/test_resource.py tests/messaging/test_admin_redact.py tests/messaging/test_admin_delete.py $(ARGS)

# The admin in a real browser, against the server of production.
browse: $(DEV)/.done browser
	$(DEV)/bin/python -m pytest -q $(PARALLEL) -m browser tests/browser $(ARGS)

# The pictures of the documents, over the demo of a first start.
screenshots: $(DEV)/.done browser
	$(DEV)/bin/python -m tests.browser.screenshots

# What that needs of the machine. Where it cannot be had the tests are skipped and say so,
# but with PARLEY_REQUIRE_BROWSER=1 they fail.
browser:
	@for tool in chromium npm; do \
	  command -v $$tool >/dev/null && continue; \
	  test "$$(id -u)" = 0 && command -v apt-get >/dev/null || { echo "no $$tool here, and no way to install it" >&2; continue; }; \
	  apt-get update -qq && apt-get install -qq --no-install-recommends $$tool >/dev/null || echo "$$tool could not be installed" >&2; \
	done
	@test -e $(AXE) || npm install --prefix .tools --no-save --no-audit --no-fund --silent axe-core@4.14.1 \
	  || echo "axe-core could not be installed" >&2

# Generators of clients, which a drill runs over our document, and the AI SDK, which judges our UIMessages; the
# drills are skipped where they cannot be had. One npm installs all: a second one without a package.json would
# remove what the first has brought.
generators: $(UV)
	@test -x $(GENERATORS)/python/bin/openapi-python-client || { \
	  $(UV) venv --quiet --clear --python $(PYTHON) $(GENERATORS)/python && \
	  $(UV) pip install --quiet --python $(GENERATORS)/python/bin/python "openapi-python-client~=0.29.1"; \
	} || echo "openapi-python-client could not be installed" >&2
	@cd $(GENERATORS)/node_modules 2>/dev/null && test -e openapi-typescript -a -e ai -a -e openai || npm install --prefix $(GENERATORS) --no-save --no-audit --no-fund --silent \
	  openapi-typescript@7 openapi-fetch@0.17 typescript@5 ai@6 openai@7 || echo "openapi-typescript, ai and openai could not be installed" >&2

# Every parameter and member of the document at its edges: some hundred made-up requests an operation.
edges: $(DEV)/.done
	$(DEV)/bin/python -m pytest -q $(PARALLEL) -m drill tests/wire/test_schemathesis.py -k test_everything_at_its_edges $(ARGS)

# The slow proofs: kill -9, long fuzzing, big data.
drills: $(DEV)/.done failover generators
	$(DEV)/bin/python -m pytest -q -m drill --timeout 900 $(ARGS)
	$(DEV)/bin/python -m tests.postgres --durable $(DEV)/bin/python -m pytest -q -m drill --timeout 900 $(ARGS)

# Patroni and etcd, for the drill of a failover. Where they cannot be had it is skipped and says so.
failover: $(DEV)/.done $(UV)
	@$(DEV)/bin/python -m tests.e2e.cluster $(UV)

# The table of what the drills have measured.
promises: $(DEV)/.done
	$(DEV)/bin/python -m tests.e2e.figures

# How fast it is, beside the bare driver and plain Django REST framework; ARGS="--help" tells of the options.
bench: $(DEV)/.done
	$(DEV)/bin/python -m tests.bench $(ARGS)

# Whether it stays as fast: the same at 10 thousand, 100 thousand and a million messages.
bench-growth: $(DEV)/.done
	$(DEV)/bin/python -m tests.bench.growth $(ARGS)

# How it bears more than it can serve: requests at random moments at 50, 80 and 120 % of its capacity.
bench-load: $(DEV)/.done
	$(DEV)/bin/python -m tests.bench.load $(ARGS)

# The same at 10 million; takes some 25 GB of disk.
bench-growth-10m: $(DEV)/.done
	$(DEV)/bin/python -m tests.bench.growth --sizes 10000,10000000 $(ARGS)

lint: $(DEV)/.done
	$(DEV)/bin/ruff check .
	$(DEV)/bin/ruff format --check .
	$(DEV)/bin/djade --check $$(git ls-files '*.html')
	$(DEV)/bin/mypy
	$(DEV)/bin/python manage.py makemigrations --check --dry-run

format: $(DEV)/.done
	$(DEV)/bin/ruff check --fix .
	$(DEV)/bin/ruff format .
	$(DEV)/bin/djade $$(git ls-files '*.html')

# Every supported Django on every interpreter found here, on SQLite and the packaged PostgreSQL.
matrix: $(UV)
	$(PYTHON) -m tests.matrix --uv $(UV) $(ARGS)

migrations: $(DEV)/.done
	$(DEV)/bin/python manage.py makemigrations $(ARGS)

readme: $(DEV)/.done
	$(DEV)/bin/python -m tests.markers

locks: $(UV)
	$(UV) pip compile pyproject.toml --extra service --extra metrics --universal --generate-hashes --no-header --no-annotate -q -o .locks/service.txt
	for django in 52 60 61; do \
	  test $$django = 52 && python=3.11 || python=3.12; \
	  $(UV) pip compile pyproject.toml --extra service --extra s3 --extra metrics --extra semantic --extra tokens --group dev --group django$$django --python-version $$python \
	    --universal --generate-hashes --no-header --no-annotate -q -o .locks/django$$django.txt || exit 1; \
	done

clean:
	rm -rf .bench .tools .venv* .mypy_cache .ruff_cache .hypothesis .static

$(UV):
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --target .tools "uv>=0.9"
	@test -x $@ || { echo "pip did not install uv into .tools/bin" >&2; exit 1; }

$(RUN)/.done: .locks/service.txt | $(UV)
	$(UV) venv --quiet --clear --python $(PYTHON) $(RUN)
	VIRTUAL_ENV=$(RUN) $(UV) pip sync --quiet --require-hashes .locks/service.txt
	@touch $@

.venv-django%/.done: .locks/django%.txt | $(UV)
	$(UV) venv --quiet --clear --python $(PYTHON) $(@D)
	VIRTUAL_ENV=$(@D) $(UV) pip sync --quiet --require-hashes .locks/django$*.txt
	@touch $@

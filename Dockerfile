# One image for every component; `demo` adds the simulated partners. Built from the lock alone: what runs is what was tested.
FROM python:3.11.15-slim AS build
WORKDIR /opt/talentpool
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv .venv
# Wheels whose hash is in the lock; lunar-python, which has none, is built with the setuptools of the lock.
COPY requirements-build.txt ./
RUN .venv/bin/python -m pip install --require-hashes --only-binary :all: -r requirements-build.txt
COPY requirements.txt ./
RUN .venv/bin/python -m pip install --require-hashes --no-deps --no-build-isolation \
    --only-binary :all: --no-binary lunar-python -r requirements.txt
COPY pyproject.toml requirements.in requirements-demo.in requirements-dev.in README.md LICENSE ./
COPY include include
COPY dags dags
COPY plugins plugins
# The simulated partners are in the demo's image alone.
RUN rm -r include/simulators \
    && .venv/bin/python -m pip install --no-deps --no-build-isolation -e . \
    && .venv/bin/python -m pip uninstall --yes uv \
    && .venv/bin/python -m compileall -q -j 0 .venv/lib include dags plugins

# What the simulated partners need beside it.
FROM build AS build-demo
COPY requirements-demo.txt ./
RUN .venv/bin/python -m pip install --require-hashes --no-deps --no-build-isolation \
    --only-binary :all: -r requirements-demo.txt \
    && .venv/bin/python -m compileall -q -j 0 .venv/lib

FROM python:3.11.15-slim AS product
# Group 0 and open group rights, so that a platform that picks its own user id runs this image too.
RUN useradd --uid 50000 --gid 0 --home-dir /var/lib/talentpool --no-create-home talentpool \
    && install -d -o 50000 -g 0 -m 0770 /var/lib/talentpool /var/lib/airflow /var/log/airflow /inbox /audit-heads /demo
COPY --from=build /opt/talentpool /opt/talentpool
WORKDIR /opt/talentpool
ENV PATH=/opt/talentpool/.venv/bin:$PATH PYTHONUNBUFFERED=1
USER 50000:0

FROM product AS demo
COPY --from=build-demo /opt/talentpool/.venv .venv
COPY include/simulators include/simulators

# The last stage is what a plain `docker build .` makes: no simulators in production.
FROM product

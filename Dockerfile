# Every pinned package is fetched and its hash checked; from that house of wheels alone comes the rest.
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.lock pyproject.toml hatch_build.py README.md CHANGELOG.md LICENSE LICENSE-CC-BY-4.0 ./
RUN python -m pip wheel --require-hashes --wheel-dir /wheels -r requirements.lock
RUN python -m venv /opt/build && /opt/build/bin/pip install --no-index --find-links /wheels build hatchling
COPY app app
COPY rubrics rubrics
COPY question_bank question_bank
COPY prompts prompts
COPY static static
RUN /opt/build/bin/python -m build --wheel --no-isolation --outdir /dist
RUN python -m venv /opt/sevenstep && /opt/sevenstep/bin/pip install --no-index --find-links /wheels /dist/*.whl

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home --home-dir /data sevenstep
COPY --from=build /opt/sevenstep /opt/sevenstep
USER sevenstep
WORKDIR /data
VOLUME /data
ENV PATH=/opt/sevenstep/bin:$PATH PYTHONUNBUFFERED=1 SEVENSTEP_DATABASE=sqlite:////data/sevenstep.db
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# Bound to every address of the container, so it refuses to start without SEVENSTEP_TOKEN.
CMD ["sevenstep", "serve", "--host", "0.0.0.0", "--port", "8000"]

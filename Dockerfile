# syntax=docker/dockerfile:1
# The service alone: locked run-time dependencies, no build tools, no root.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source
# Dependencies apart from the source: a change of ours rebuilds only the last wheel.
COPY requirements/run.txt requirements/
RUN pip wheel --require-hashes --no-deps --wheel-dir /wheels --requirement requirements/run.txt
COPY requirements/build.txt requirements/
RUN python -m venv /build && /build/bin/pip install --require-hashes --requirement requirements/build.txt
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY model model
COPY storage storage
COPY collector collector
COPY api api
COPY spanloom spanloom
COPY ui ui
RUN /build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /project .

FROM python:3.11-slim
LABEL org.opencontainers.image.title="spanloom" \
      org.opencontainers.image.description="The tracing backend of a service mesh" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    --mount=type=bind,from=build,source=/project,target=/project \
    pip install --no-cache-dir --no-index --no-deps /wheels/*.whl /project/*.whl \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin spanloom \
 && install --directory --owner spanloom --group spanloom /var/lib/spanloom
# In a container the network namespace is the boundary, so listen on every address of it.
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SPANLOOM_DATA_DIR=/var/lib/spanloom \
    SPANLOOM_RECEIVERS_OTLP_PROTOCOLS_GRPC_ENDPOINT=0.0.0.0:4317 \
    SPANLOOM_RECEIVERS_OTLP_PROTOCOLS_HTTP_ENDPOINT=0.0.0.0:4318 \
    SPANLOOM_QUERY_ENDPOINT=0.0.0.0:16686 \
    SPANLOOM_QUERY_JAEGER_GRPC_ENDPOINT=0.0.0.0:16685 \
    SPANLOOM_SERVICEGRAPH_ENDPOINT=0.0.0.0:8088 \
    SPANLOOM_HEALTH_ENDPOINT=0.0.0.0:13133 \
    SPANLOOM_METRICS_ENDPOINT=0.0.0.0:8888
USER 10001:10001
WORKDIR /var/lib/spanloom
VOLUME /var/lib/spanloom
# OTLP gRPC, OTLP HTTP, query API, Jaeger's query API over gRPC, ServiceGraph, health, metrics.
EXPOSE 4317 4318 16686 16685 8088 13133 8888
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:13133/', timeout=2)"]
ENTRYPOINT ["spanloom"]
CMD ["serve"]

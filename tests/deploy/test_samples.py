"""The samples for Istio and the image agree with each other and with the service's defaults."""

import re
from pathlib import Path

import yaml

from model.columns import WELL_KNOWN, columns_by_key
from spanloom.config_loader import load_config

ROOT = Path(__file__).resolve().parents[2]
ISTIO = ROOT / "deploy" / "istio"


def load(name: str) -> dict[str, object]:
    return yaml.safe_load((ISTIO / name).read_text())


def providers() -> dict[str, dict[str, object]]:
    listed = load("mesh-config.yaml")["spec"]["meshConfig"]["extensionProviders"]
    return {each["name"]: each["opentelemetry"] for each in listed}


def service_ports() -> dict[int, dict[str, object]]:
    return {each["port"]: each for each in load("service.yaml")["spec"]["ports"]}


def test_telemetry_uses_a_declared_provider_and_samples_something() -> None:
    tracing = load("telemetry.yaml")["spec"]["tracing"][0]

    assert {each["name"] for each in tracing["providers"]} <= set(providers())
    assert tracing["randomSamplingPercentage"] > 0


def test_providers_point_at_ports_whose_names_tell_envoy_the_protocol() -> None:
    metadata = load("service.yaml")["metadata"]
    host = f"{metadata['name']}.{metadata['namespace']}.svc.cluster.local"

    for provider in providers().values():
        transport = "grpc" if "grpc" in provider else "http"
        port = service_ports()[provider["port"]]
        assert host == provider["service"]
        assert port["name"].startswith(f"{transport}-")
        assert transport == port["appProtocol"]


def test_every_provider_has_a_timeout() -> None:
    assert all((each.get("grpc") or each["http"])["timeout"] for each in providers().values())


def test_the_tags_for_mutual_tls_have_columns() -> None:
    (sample,) = re.findall(r"```yaml\n(.+?)```", (ISTIO / "README.md").read_text(), re.DOTALL)
    tags = yaml.safe_load(sample)[0]["customTags"]

    columns = {columns_by_key(WELL_KNOWN)[tag].name for tag in tags}
    assert {"mtls", "source_principal", "destination_principal"} == columns


def test_the_image_exposes_what_the_service_listens_on() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    exposed = re.search(r"^EXPOSE (.+)$", dockerfile, re.MULTILINE)[1].split()
    listened = re.findall(r"SPANLOOM_\w+=0\.0\.0\.0:(\d+)", dockerfile)

    assert sorted(exposed) == sorted(listened)
    assert set(map(str, service_ports())) <= set(exposed)


def test_the_image_does_not_run_as_root() -> None:
    users = re.findall(r"^USER (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)

    assert ["10001:10001"] == users


def test_the_image_sets_variables_the_service_knows() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    variables = dict(re.findall(r"(SPANLOOM_\w+)=([^\s\\]+)", dockerfile))

    config = load_config(None, variables).config

    assert "/var/lib/spanloom" == config.data_dir
    assert "0.0.0.0:4317" == config.receivers.otlp.protocols.grpc.endpoint
    assert "0.0.0.0:4318" == config.receivers.otlp.protocols.http.endpoint
    assert "0.0.0.0:16686" == config.query.endpoint
    assert "0.0.0.0:16685" == config.query.jaeger.grpc.endpoint
    assert "0.0.0.0:13133" == config.health.endpoint
    assert "0.0.0.0:8888" == config.metrics.endpoint

"""The bootstraps are accepted by Envoy and say what Istio's say."""

import json
import subprocess
from pathlib import Path

import pytest

from deploy.demo.envoy_config import bootstrap
from deploy.demo.mesh import envoy_command
from deploy.demo.options import MeshOptions
from deploy.demo.topology import GATEWAY, PODS, Endpoint, Pod, PodNetwork

NETWORK = PodNetwork(0)
OTLP_GRPC = Endpoint("127.0.0.1", 4317)
OTLP_HTTP = Endpoint("127.0.0.1", 4318)


def config_of(pod: Pod, options: MeshOptions | None = None) -> str:
    document = bootstrap(pod, NETWORK, OTLP_GRPC, OTLP_HTTP, options or MeshOptions())
    return json.dumps(document)


@pytest.mark.parametrize("pod", PODS, ids=lambda pod: pod.name)
def test_envoy_accepts_the_bootstrap_of_every_pod(pod: Pod, tmp_path: Path) -> None:
    config = tmp_path / "envoy.json"
    config.write_text(config_of(pod))

    command = [*envoy_command(), "--mode", "validate", "--config-path", str(config)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    assert "deprecated" not in done.stderr


@pytest.mark.parametrize("pod", PODS, ids=lambda pod: pod.name)
def test_no_configuration_names_an_address_outside_loopback(pod: Pod) -> None:
    def addresses(value: object) -> list[str]:
        if isinstance(value, dict):
            own = [value["address"]] if isinstance(value.get("address"), str) else []
            return own + [each for part in value.values() for each in addresses(part)]
        if isinstance(value, list):
            return [each for part in value for each in addresses(part)]
        return []

    found = addresses(json.loads(config_of(pod)))

    assert found
    assert all(address.startswith("127.") for address in found)


def test_only_the_gateway_makes_spans_for_its_attempts() -> None:
    spawning = {pod for pod in PODS if '"spawn_upstream_span": true' in config_of(pod)}

    assert {GATEWAY} == spawning


def test_batching_is_envoys_own_by_default() -> None:
    layers = json.loads(config_of(GATEWAY))["layered_runtime"]["layers"]

    assert 5 == layers[0]["static_layer"]["tracing.opentelemetry.min_flush_spans"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"error_ratio": 1.5}, "error_ratio is 1.5"),
        ({"latency": -1}, "latency is -1"),
        ({"sampling": 101}, "sampling is 101"),
        ({"flush_interval": 0}, "greater than zero"),
        ({"no_forward": frozenset({"checkout"})}, "no service checkout"),
        ({"review_weights": {"v1": 50}}, "sum to 100"),
        ({"review_weights": {"v9": 100}}, "percentages of v1, v2 and v3"),
    ],
)
def test_options_out_of_range_are_refused(arguments: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        MeshOptions(**arguments)

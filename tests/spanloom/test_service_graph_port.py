import requests


def test_service_graph_has_a_port_of_its_own_when_switched_on(start_service) -> None:
    service = start_service(
        "--workers",
        "1",
        SPANLOOM_SERVICEGRAPH_ENABLED="true",
        SPANLOOM_SERVICEGRAPH_ENDPOINT="127.0.0.1:0",
    ).wait_until_ready()
    added = requests.post(service.url("servicegraph", "/node?name=mine"), timeout=10)
    at_root = requests.get(service.url("servicegraph", "/graph"), timeout=10)
    below = requests.get(service.url("query", "/servicegraph/graph"), timeout=10)

    assert (200, 200) == (added.status_code, at_root.status_code)
    assert {"nodes": {"mine": {}}, "edges": []} == at_root.json() == below.json()
    assert 0 == service.terminate()

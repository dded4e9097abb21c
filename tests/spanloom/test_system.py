"""What a running service tells about itself."""

import socket

import requests

from collector.receivers.errors import Condition
from spanloom.roles import Role
from tests.spanloom.conftest import wait_for
from tests.spanloom.exports import send_trace


def system(service):
    answer = requests.get(service.url("query", "/api/v1/system"), timeout=30)
    assert 200 == answer.status_code, answer.text
    return answer.json()


def check(answer, name):
    return next(each for each in answer["checks"] if each["id"] == name)


def by_protocol(answer):
    return {each["protocol"]: each["total"] for each in answer["received"]["by_protocol"]}


def speak(address, sent):
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(sent)
        return connection.recv(1000)


def test_before_anything_came_it_says_that_no_exporter_connected(start_service):
    answer = system(start_service("--workers", "1").wait_until_ready())

    assert ("serve", "failed", "no_exporter") == (
        answer["role"],
        check(answer, "connected")["status"],
        check(answer, "connected")["finding"],
    )
    assert 0 == answer["store"]["spans"]
    assert [] == answer["not_known"]


def test_what_was_exported_is_told_by_protocol_sender_and_peer(start_service):
    service = start_service("--workers", "2").wait_until_ready()
    send_trace(service.addresses, "grpc")
    send_trace(service.addresses, "http")

    def complete():
        answer = system(service)
        return answer["store"]["spans"] == 4 and len(answer["peers"]) == 2 and answer

    wait_for(complete, "both traces and both peers")
    answer = complete()
    received = by_protocol(answer)
    assert [2, 2] == [each["accepted_spans"] for each in received.values()]
    assert ["shop"] == [each["service"] for each in answer["senders"]["services"]]
    assert {("otlp/grpc", 2), ("otlp/http", 2)} == {
        (each["protocol"], each["spans"]) for each in answer["peers"]
    }
    assert all("OTel-OTLP-Exporter-Python" in each["client"] for each in answer["peers"])
    assert [0, 1] == [each["worker"] for each in answer["spool"]["receivers"]]
    assert int(answer["lag"]["last_batch_nano"]) > 0
    assert {"spans": 4} == {
        each["name"]: each["rows"] for each in answer["store"]["tables"] if each["name"] == "spans"
    }
    assert "ok" == check(answer, "spans_arrive")["status"]


def test_what_came_to_the_wrong_port_is_found(start_service):
    service = start_service("--workers", "1").wait_until_ready()
    speak(service.addresses["otlp/http"], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")

    wait_for(lambda: check(system(service), "protocol")["finding"] == "wrong", "the finding")
    (fault,) = system(service)["faults"]
    assert (Condition.HTTP2.label, 1) == (fault["reason"], fault["count"])


def test_http_1_on_the_grpc_port_is_found_by_its_connection(start_service):
    service = start_service("--workers", "1").wait_until_ready()
    host, port = service.addresses["otlp/grpc"].rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=30):
        found = check(system(service), "protocol")

    assert ("warning", "grpc_port_without_calls") == (found["status"], found["finding"])


def test_every_role_that_answers_has_a_word_in_the_contract():
    assert {"serve", "query"} == {role.value for role in Role if role.answers}

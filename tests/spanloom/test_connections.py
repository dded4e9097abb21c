import socket

from api.system.state import Connections
from spanloom.connections import tcp_connections

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue\n"


def line(port, state):
    return f"   0: 0100007F:{port:04X} 0200007F:C350 {state} 00000000:00000000 00:00000000\n"


def table(path, *lines):
    path.write_text(HEAD + "".join(lines))
    return path


def test_open_and_closing_connections_are_counted_by_port(tmp_path):
    listening, handshake, opened, waiting = "0A", "03", "01", "06"
    four = table(tmp_path / "tcp", line(4317, listening), line(4317, opened), line(4317, waiting))
    six = table(tmp_path / "tcp6", line(4317, opened), line(4318, handshake), line(80, opened))

    assert {4317: Connections(2, 1), 4318: Connections(0, 0)} == tcp_connections(
        {4317, 4318}, [four, six]
    )


def test_a_kernel_without_ipv6_has_one_table(tmp_path):
    four = table(tmp_path / "tcp", line(4317, "01"))

    assert {4317: Connections(1, 0)} == tcp_connections({4317}, [four, tmp_path / "tcp6"])


def test_another_kernel_does_not_tell(tmp_path):
    assert tcp_connections({4317}, [tmp_path / "tcp"]) is None


def test_a_connection_of_this_machine_is_seen():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            assert {port: Connections(1, 0)} == tcp_connections({port})

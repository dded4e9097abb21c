"""How many TCP connections the receivers' ports have, as the kernel tells (proc_net_tcp)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

from api.system.state import Connections

__all__ = ["tcp_connections"]

_TABLES = (Path("/proc/self/net/tcp"), Path("/proc/self/net/tcp6"))
_ESTABLISHED, _SYN_RECEIVED, _LISTEN = "01", "03", "0A"


def tcp_connections(
    ports: Collection[int], tables: Collection[Path] = _TABLES
) -> Mapping[int, Connections] | None:
    """Return the connections of each of ``ports``; None where there is no such kernel.

    What a client closed, or was closed on, is listed for about a minute more. So even those are
    seen that never become a request, as HTTP/1.1 on the gRPC port.
    """
    found: Counter[tuple[int, bool]] = Counter()
    known = False
    for table in tables:
        try:
            lines = table.read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue  # a kernel without IPv6, or another kernel
        known = True
        for line in lines:
            _, local, _, state, *_ = line.split(maxsplit=4)
            port = int(local.rpartition(":")[2], 16)
            if port in ports and state not in (_LISTEN, _SYN_RECEIVED):
                found[port, state == _ESTABLISHED] += 1
    if not known:
        return None
    return {port: Connections(found[port, True], found[port, False]) for port in ports}

"""Hosts and addresses inside the texts that proxies and SDKs send."""

from __future__ import annotations

from urllib.parse import urlsplit

__all__ = ["host_of_name", "host_of_url", "without_port"]


def host_of_url(url: str) -> str:
    """Return the host of a URL, without its port; empty if there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # whatever the client sent as :authority, such as "[::"
        return ""


def host_of_name(name: str) -> str:
    """Return the host in a span's name ``reviews.default.svc.cluster.local:9080/*``, or nothing."""
    host = name.partition("/")[0].partition(":")[0]
    return host if "." in host and " " not in host else ""


def without_port(address: str) -> str:
    """Return the host or IP address of ``address[:port]``; an IPv6 address without brackets."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address

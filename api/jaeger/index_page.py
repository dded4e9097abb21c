"""The page at Jaeger's address when no Jaeger UI is installed there.

It loads nothing from elsewhere. Kiali reads our version from it (kiali-backend §2).
"""

from __future__ import annotations

import html
import re

from api.jaeger.ui_bundle import version_json
from model.ids import parse_trace_id

__all__ = ["IndexPage"]

_TRACE_PATH = re.compile(r"/trace/([0-9A-Fa-f]{1,32})", re.ASCII)

_STYLE = """\
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.2; }
h2 { font-size: 1.125rem; margin-top: 2rem; }
code, pre { font: 0.9375rem/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: 0.75rem 1rem; border: 1px solid GrayText; border-radius: 0.25rem; }
a { overflow-wrap: anywhere; }
dt { font-weight: 600; margin-top: 0.5rem; }
dd { margin: 0; }
"""

_MISSING = """\
<h2>No Jaeger UI is installed</h2>
<p>The query APIs of Jaeger are served at this address. To have its UI here too, give a directory
with a built one (which has an <code>index.html</code>) and restart:</p>
<pre><code>spanloom serve --jaeger-ui /usr/share/jaeger-ui</code></pre>
<p>Kiali, Grafana and a Jaeger UI that runs elsewhere need nothing of that.</p>
"""


class IndexPage:
    """Writes the page.

    Args:
        base_path: where Jaeger's APIs are, such as ``/jaeger``.
        version: of Spanloom.
    """

    style = _STYLE

    def __init__(self, base_path: str, *, version: str) -> None:
        self._base_path = html.escape(base_path)
        self._version = version
        # The line that Kiali looks for, in Jaeger's words.
        self.script = f"const JAEGER_VERSION = {version_json(version)};"

    def page(self, path: str) -> bytes:
        """Return the page for ``path``, such as ``/trace/4bf92f3577b34da6``."""
        found = _TRACE_PATH.fullmatch(path)
        trace_id = parse_trace_id(found[1]) if found and found[1].strip("0") else ""
        body = self._trace(trace_id) if trace_id else ""
        text = f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Spanloom: Jaeger's APIs</title>
<style>{_STYLE}</style>
<script>{self.script}</script>
</head>
<body>
<div id="jaeger-ui-root"></div>
<main>
<h1>Spanloom answers here in Jaeger's place</h1>
{body}{_MISSING}{self._addresses()}
</main>
</body>
</html>
"""
        return text.encode()

    def _trace(self, trace_id: str) -> str:
        return f"""\
<h2>Trace {trace_id}</h2>
<ul>
<li><a href="/trace/{trace_id}">in Spanloom's UI</a></li>
<li><a href="/api/v1/traces/{trace_id}">assembled by Spanloom</a> (JSON)</li>
<li><a href="{self._base_path}/api/traces/{trace_id}?prettyPrint=true">as Jaeger writes it</a>
(JSON)</li>
</ul>
<p>In a terminal:</p>
<pre><code>spanloom trace {trace_id}</code></pre>
"""

    def _addresses(self) -> str:
        base = self._base_path
        return f"""\
<h2>Addresses</h2>
<dl>
<dt>Spanloom's UI</dt>
<dd><a href="/">/</a></dd>
<dt>Jaeger's HTTP API</dt>
<dd><a href="{base}/api/services">{base}/api/services</a>,
<a href="{base}/api/v3/services">{base}/api/v3/services</a></dd>
<dt>Spanloom's own API</dt>
<dd><a href="/api/v1/services">/api/v1/services</a>, described by
<a href="/api/v1/openapi.json">/api/v1/openapi.json</a></dd>
</dl>
<p><small>Spanloom {html.escape(self._version)}</small></p>"""

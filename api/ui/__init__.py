"""The web UI: `ui/` is its source, and `bundle/` here what it is built to."""

"""The propagation doctor: why a trace is in pieces, who breaks it and what to change."""

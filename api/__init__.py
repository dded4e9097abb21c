"""HTTP out: the native API of Spanloom (``/api/v1``)."""

"""What all tests share."""

from hypothesis import HealthCheck, settings

# Examples are cut so that the whole suite stays quick; a nightly run may ask for more by
# `pytest --hypothesis-profile=thorough`.
settings.register_profile(
    "quick",
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile("quick")

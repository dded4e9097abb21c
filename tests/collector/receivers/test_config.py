"""Settings of the receivers."""

import msgspec
import pytest

from collector.receivers.config import CorsConfig, GrpcReceiverConfig, HttpReceiverConfig

CONFIGS = (GrpcReceiverConfig, HttpReceiverConfig, CorsConfig)


@pytest.mark.parametrize("config", CONFIGS)
def test_every_setting_has_a_default_and_is_documented(config):
    for field in msgspec.structs.fields(config):
        assert not field.required
        assert field.name in config.__doc__


@pytest.mark.parametrize("config", CONFIGS)
def test_unknown_settings_are_errors_that_name_them(config):
    with pytest.raises(msgspec.ValidationError, match="nonsense"):
        msgspec.convert({"nonsense": 1}, config)


@pytest.mark.parametrize(
    ("config", "settings"),
    [
        (GrpcReceiverConfig, {"max_request_bytes": 0}),
        (GrpcReceiverConfig, {"read_timeout_s": -1}),
        (HttpReceiverConfig, {"max_request_bytes": "64MiB"}),
        (HttpReceiverConfig, {"traces_paths": []}),
        (HttpReceiverConfig, {"cors": {"allowed_origins": "*"}}),
    ],
)
def test_senseless_settings_are_errors_that_name_them(config, settings):
    with pytest.raises(msgspec.ValidationError, match=next(iter(settings))):
        msgspec.convert(settings, config)


def test_both_transports_take_64_mib_by_default():
    assert GrpcReceiverConfig().max_request_bytes == 64 << 20
    assert HttpReceiverConfig().max_request_bytes == 64 << 20

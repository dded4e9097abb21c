import pytest

from spanloom.config import Config
from spanloom.config_loader import ConfigError, load_config
from spanloom.schema import settings

GRPC = "receivers.otlp.protocols.grpc.endpoint"
GRPC_VARIABLE = "SPANLOOM_RECEIVERS_OTLP_PROTOCOLS_GRPC_ENDPOINT"


@pytest.fixture
def load(tmp_path):
    def load(text="", environment=None, flags=None):
        file = tmp_path / "spanloom.yaml"
        file.write_text(text)
        return load_config(file, environment, flags).config

    return load


def problems(load, *arguments):
    with pytest.raises(ConfigError) as refused:
        load(*arguments)
    return str(refused.value).splitlines()


def test_nothing_given_means_the_defaults(load):
    config = load()

    assert config == load_config().config
    assert "localhost:4317" == config.receivers.otlp.protocols.grpc.endpoint
    assert 7 * 86_400 * 10**9 == config.store.retention.max_age_ns


@pytest.mark.parametrize(
    ("file", "environment", "flags", "workers"),
    [
        ("", {}, {}, None),
        ("workers: 2", {}, {}, 2),
        ("workers: 2", {"SPANLOOM_WORKERS": "3"}, {}, 3),
        ("workers: 2", {"SPANLOOM_WORKERS": "3"}, {"workers": ("--workers", "4")}, 4),
        ("workers: 2", {"SPANLOOM_WORKERS": ""}, {}, 2),
        ("", {}, {"workers": ("--workers", "4")}, 4),
    ],
)
def test_a_flag_wins_over_a_variable_over_the_file(load, file, environment, flags, workers):
    expected = workers or Config().workers

    assert expected == load(file, environment, flags).workers


def test_layers_are_merged_setting_by_setting(load):
    config = load(
        "receivers:\n otlp:\n  protocols:\n   grpc:\n    endpoint: 0.0.0.0:1\n   http:",
        {"SPANLOOM_RECEIVERS_OTLP_PROTOCOLS_HTTP_ENDPOINT": "0.0.0.0:2"},
        {"query.endpoint": ("--query", "0.0.0.0:3")},
    )
    protocols = config.receivers.otlp.protocols

    assert ["0.0.0.0:1", "0.0.0.0:2", "0.0.0.0:3"] == [
        protocols.grpc.endpoint,
        protocols.http.endpoint,
        config.query.endpoint,
    ]


def test_durations_and_sizes_have_units(load):
    config = load(
        "store: {retention: {max_age: 36h, max_bytes: 5GiB, interval: 1m}}\n"
        "spool: {max_bytes: 2GiB, commit_delay: 5ms}\n"
        "query: {query_timeout: 1500ms}"
    )

    assert 36 * 3600 * 10**9 == config.store.retention.max_age_ns
    assert 5 << 30 == config.store.retention.max_bytes
    assert 60 == config.store.retention.interval_s
    assert 2 << 30 == config.spool.max_bytes
    assert 5_000_000 == config.spool.commit_delay_ns
    assert 1.5 == config.query.query_timeout_s


def test_null_switches_a_bound_off(load):
    assert load("store: {retention: {max_age: null}}").store.retention.max_age_ns is None
    off = {"SPANLOOM_STORE_RETENTION_MAX_AGE": "null"}
    assert load("", off).store.retention.max_age_ns is None


def test_processors_are_a_list_of_maps_with_one_key(load):
    config = load("processors:\n- sanitise: true\n- drop: {paths: [/healthz]}")

    assert config.processors[0].sanitise
    assert ["/healthz"] == config.processors[1].drop.paths


def test_a_processor_has_its_settings_in_its_map(load):
    text = (
        "processors:\n- sanitise: {strict_trace_ids: false}\n"
        "- mesh_identity: {services: {shop-frontend: web.default}}"
    )
    config = load(text)

    assert not config.processors[0].sanitise.strict_trace_ids
    assert {"shop-frontend": "web.default"} == config.processors[1].mesh_identity.services


def test_an_unknown_setting_of_a_processor_is_refused(load):
    with pytest.raises(ConfigError, match="strict_ids"):
        load("processors: [{sanitise: {strict_ids: false}}]")


def test_a_variable_holds_lists_and_maps_as_yaml(load):
    config = load(
        "",
        {
            "SPANLOOM_PROCESSORS": "[{sample: {ratio: 0.5}}]",
            "SPANLOOM_ATTRIBUTES_COLUMNS": "{tenant.id: int}",
        },
    )

    assert 0.5 == config.processors[0].sample.ratio
    assert {"tenant.id": "int"} == config.attributes.columns


def test_a_variable_holds_a_list_of_text_with_commas_too(load):
    config = load(
        "", {"SPANLOOM_QUERY_CORS_ALLOWED_ORIGINS": "https://a.example, https://b.example"}
    )

    assert ("https://a.example", "https://b.example") == config.query.cors_allowed_origins


def test_further_columns_are_named_after_their_attribute(load):
    (column,) = load("attributes: {columns: {tenant.id: int}}").attributes.extra

    assert ("x_tenant_id", "int", ("tenant.id",)) == (column.name, column.type, column.keys)


def test_variables_in_the_file_are_replaced_before_typing(load):
    config = load("workers: ${env:N:-3}\nlog: {level: '${LEVEL}'}", {"LEVEL": "debug"})

    assert (3, "debug") == (config.workers, config.log.level)


def test_a_variable_that_is_not_set_is_a_warning(tmp_path):
    file = tmp_path / "spanloom.yaml"
    file.write_text("data_dir: x${NONE}")

    assert "NONE is not set" in load_config(file, {}).warnings[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("wrkers: 1", "wrkers: unknown setting; did you mean workers?"),
        (
            "receivers: {otlp: {protocols: {grpc: {endpont: 'x:1'}}}}",
            "receivers.otlp.protocols.grpc.endpont: unknown setting; did you mean endpoint?",
        ),
        (
            "receivers: {otlp: {protocols: {grpc: {endpoint: x}}}}",
            "receivers.otlp.protocols.grpc.endpoint: endpoint 'x': expected HOST:PORT",
        ),
        (
            "receivers: {otlp: {protocols: {grpc: {reuse_port: true}}}}",
            "receivers.otlp.protocols.grpc.reuse_port: unknown setting",
        ),
        ("receivers: {jaeger: {}}", "receivers.jaeger: unknown setting"),
        ("receivers: 5", "receivers: must be a map of settings, not 5"),
        ("workers: 0", "workers: Expected `int` >= 1"),
        ("workers: many", "workers: Expected `int`, got `str`"),
        ("workers: null", "workers: Expected `int`, got `null`"),
        ("spool: {max_bytes: 1Gi}", "spool.max_bytes: '1Gi' is no size"),
        ("pipeline: {linger: 5}", "pipeline.linger: '5' is no duration"),
        ("pipeline: {linger: [1]}", "pipeline.linger: must be a duration, not [1]"),
        ("processors: [{drop: {pth: []}}]", "processors[0].drop.pth: unknown setting"),
        ("processors: [{sample: {ratio: 2}}]", "processors[0].sample.ratio: Expected `float` <="),
        ("processors: [{sanitise: true, drop: {}}]", "processors[0]: each processor is a map"),
        ("attributes: {columns: {a: text}}", "attributes.columns"),
        ("attributes: {columns: {http.method: int}}", "attributes: attribute 'http.method'"),
        ("attributes: {columns: {a.b: int, a-b: int}}", "attributes: columns: two attributes"),
        (
            "store: {url: 'mysql://u@h/d'}",
            "store.url: must be postgresql://USER@HOST:PORT/DATABASE, or empty for the",
        ),
        ("store: {pool_size: 0}", "store.pool_size: Expected `int` >= 1"),
        ("log: {level: loud}", "log.level: Invalid enum value 'loud'"),
        ("query: {default_page_size: 50, max_page_size: 20}", "query: default_page_size (50)"),
    ],
)
def test_a_problem_names_the_full_path(load, text, problem):
    assert [problem] == [line[: len(problem)] for line in problems(load, text)]


@pytest.mark.parametrize(
    "text",
    [
        "store: 'postgresql://me:hunter2@db/traces'",
        "store: {url: 'mysql://me:hunter2@db/traces'}",
        "store: {url: 'postgresql://me:hunter2/x@db/traces'}",
        "store: {url: 'postgresql://me:hunter2#@db/traces'}",
        "store: {url: 'postgresql://me:p@hunter2@db/traces'}",
        "store: {url: 'postgresql://me:p@[hunter2/traces'}",
        "store: {url: 'postgresql://db:hunter2'}",
        "workers: 'postgresql://db/?password=hunter2'",
        "[postgresql://me:hunter2@db",
    ],
)
def test_no_problem_shows_a_password(load, text):
    assert not any("hunter2" in line for line in problems(load, text))


def test_a_database_takes_the_place_of_the_file(load, tmp_path):
    text = "store: {url: 'postgresql://me@db/traces', password: hunter2, pool_size: 3}"
    server = load(text).store_config(tmp_path).postgresql

    assert ("postgresql://me@db/traces", "hunter2", 3) == (
        server.url,
        server.password,
        server.pool_size,
    )
    assert load("").store_config(tmp_path).postgresql is None


def test_all_problems_are_found_at_once(load):
    found = problems(load, "a: 1\nworkers: x\nspool: {max_bytes: y}\nlog: {level: z}")

    assert ["a", "spool.max_bytes", "workers", "log.level"] == [f.split(":")[0] for f in found]


@pytest.mark.parametrize(
    ("environment", "flags", "problem"),
    [
        (
            {"SPANLOOM_WORKERS": "x"},
            {},
            "workers (from SPANLOOM_WORKERS): Expected `int`, got `str`",
        ),
        (
            {GRPC_VARIABLE: "x"},
            {},
            f"{GRPC} (from {GRPC_VARIABLE}): endpoint 'x'",
        ),
        ({}, {GRPC: ("--otlp-grpc", "x")}, f"{GRPC} (from --otlp-grpc): endpoint 'x'"),
        (
            {"SPANLOOM_WORKRS": "1"},
            {},
            "SPANLOOM_WORKRS: unknown variable; did you mean SPANLOOM_WORKERS?",
        ),
        ({"SPANLOOM_PROCESSORS": "[{"}, {}, "SPANLOOM_PROCESSORS: <text>: line 1"),
    ],
)
def test_a_problem_says_where_the_value_came_from(load, environment, flags, problem):
    assert [problem] == [line[: len(problem)] for line in problems(load, "", environment, flags)]


@pytest.mark.parametrize(
    "name",
    [
        "SPANLOOM_SERVICE_HOST",
        "SPANLOOM_SERVICE_PORT",
        "SPANLOOM_SERVICE_PORT_GRPC_OTLP",
        "SPANLOOM_PORT",
        "SPANLOOM_PORT_4317_TCP",
        "SPANLOOM_PORT_4317_TCP_ADDR",
        "SPANLOOM_QUERY_SERVICE_HOST",
        "SPANLOOM_CONFIG",
    ],
)
def test_what_kubernetes_sets_beside_a_service_is_no_setting(load, name):
    assert load() == load("", {name: "tcp://10.0.0.1:4317"})


def test_every_setting_has_a_variable_of_its_own():
    variables = [setting.variable for setting in settings(Config)]

    assert len(variables) == len(set(variables))


def test_every_setting_says_what_it_does():
    assert [] == [setting.path for setting in settings(Config) if not setting.description]


@pytest.mark.parametrize("text", ["- 1", "a: [", "a: 1\na: 2"])
def test_what_is_no_map_in_yaml_is_refused(load, text):
    assert "spanloom.yaml" in problems(load, text)[0]


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot read the configuration"):
        load_config(tmp_path / "none.yaml")

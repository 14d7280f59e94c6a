"""Reading a configuration: one error with everything in it, and never a secret."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gleancam.config.file import check_files, load
from gleancam.config.keys import RtspCamera
from gleancam.config.problem import InvalidConfigurationError
from gleancam.errors import ConfigurationError

BASE = """
site = "s"
device = "d"
[[cameras]]
source = "rtsp"
id = "a"
url = "rtsp://h/x"
"""
MQTT = BASE + '[mqtt]\nhost = "h"\n'

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text)
        return path

    return write


def problems(path: Path) -> list[str]:
    with pytest.raises(InvalidConfigurationError) as caught:
        load(path)
    return [str(problem) for problem in caught.value.problems]


def test_a_valid_file_becomes_a_config(write: Write) -> None:
    config = load(write(MQTT))

    assert isinstance(config.cameras[0], RtspCamera)
    assert config.mqtt is not None
    assert config.mqtt.port == 1883


def test_the_error_has_exit_code_2_and_lists_every_problem(write: Write) -> None:
    path = write(MQTT.replace('site = "s"', "site = 1") + 'prot = 1\ntransport = "udp"')

    with pytest.raises(ConfigurationError) as caught:
        load(path)

    assert caught.value.exit_code == 2
    text = str(caught.value)
    assert text.startswith(f"{path}: 3 problems")
    assert all(word in text for word in ("site = 1", "mqtt.prot = 1", "mqtt.transport = 'udp'"))


def test_rules_between_keys_are_reported_beside_wrong_types(write: Write) -> None:
    twice = BASE.replace("[[cameras]]", '[[cameras]]\nsource = "test"\nid = "a"\n[[cameras]]')

    found = problems(write(twice + "[models]\nthreads = 0"))

    assert len(found) == 3
    assert any("is the id of 2 cameras" in text for text in found)
    assert any(text.startswith("mqtt: is missing") for text in found)
    assert any(text.startswith("models.threads") for text in found)


def test_two_sinks_are_one_too_many(write: Write) -> None:
    assert "stands beside [mqtt]" in problems(write(MQTT + '[directory]\npath = "x"'))[0]


@pytest.mark.parametrize(
    ("addition", "expected"),
    [
        ('password_file = "/p"', "mqtt.username_file: is missing"),
        ('[mqtt.tls]\ncertificate = "/c"', "mqtt.tls.key: is missing"),
        ("[selection.novelty]\nceiling = 0.1", "selection.novelty.ceiling = 0.1"),
        ('[selection.random]\nrate = "0/day"', "samples above 0"),
        ('[selection.random]\nrate = "1 MB/day"', "samples above 0"),
        ('[selection.quotas]\nnovel = ["0/day"]', "1 to 1000"),
        ('[selection.quotas]\nnovel = ["1001/day"]', "1 to 1000"),
        ('[selection.quotas]\nrandom = ["1/day"]', "unknown key"),
        ("[selection.heartbeat]\nevery_s = 0", "selection.heartbeat.every_s"),
        ("[models]\nconfidence = 0.1\nraw_confidence = 0.2", "models.raw_confidence = 0.2"),
        ('[models]\ndetectors = ["a", "a"]', "is named 2 times"),
        ('[models]\nprecision = "bf16"', 'models.precision = "bf16": is not what backend auto'),
        ('[models]\nprecision = "f32"', "models.precision"),
    ],
)
def test_keys_that_go_together(write: Write, addition: str, expected: str) -> None:
    (found,) = problems(write(MQTT + addition))

    assert expected in found


@pytest.mark.parametrize(
    ("backend", "precision"),
    [("openvino", "bf16"), ("tensorrt", "fp16"), ("tensorrt", "int8"), ("auto", "fp16")],
)
def test_a_precision_that_the_backend_has_may_be_named(
    write: Write, backend: str, precision: str
) -> None:
    models = f'[models]\nbackend = "{backend}"\nprecision = "{precision}"'

    assert load(write(MQTT + models)).models.precision == precision


@pytest.mark.parametrize("backend", ["onnxruntime", "openvino"])
def test_a_precision_that_the_backend_lacks_names_those_that_have_it(
    write: Write, backend: str
) -> None:
    (found,) = problems(write(f'{MQTT}[models]\nbackend = "{backend}"\nprecision = "fp16"'))

    assert f"is not what backend {backend} computes in" in found
    assert 'set backend = "tensorrt"' in found


def test_a_mask_outside_the_frame_is_refused(write: Write) -> None:
    mask = 'mask = [{ name = "m", polygon = [[0, 0], [1.2, 0], [1, 1]] }]\n'

    (found,) = problems(write(MQTT.replace("[mqtt]", f"{mask}[mqtt]")))

    assert found.startswith("cameras[0].mask[0].polygon[1][0] = 1.2")


def test_a_mask_that_covers_nothing_is_refused(write: Write) -> None:
    mask = 'mask = [{ name = "m", polygon = [[0, 0], [0.5, 0.5], [1, 1]] }]\n'

    (found,) = problems(write(MQTT.replace("[mqtt]", f"{mask}[mqtt]")))

    assert "encloses nothing" in found


def test_a_device_cannot_take_the_consumers_topic(write: Write) -> None:
    (found,) = problems(write(MQTT.replace('"d"', '"ingest"')))

    assert found.startswith("device = 'ingest'")


def test_a_video_device_stays_below_dev(write: Write) -> None:
    camera = 'source = "v4l2"\nid = "b"\ndevice = "/dev/../tmp/x"\n'

    (found,) = problems(write(MQTT.replace("[mqtt]", f"[[cameras]]\n{camera}[mqtt]")))

    assert "must not hold" in found


@pytest.mark.parametrize(
    "line",
    [
        'url = "http://admin:hunter2@h/x"',
        'url = "http://admin:hun@ter/hunter2@h/x"',
        'url = "http://h/x?user=admin&password=hunter2"',
        'password = "hunter2"',
        'pasword_file = "hunter2"',
        'usr_pwd = "hunter2"',
        "credentials_file = ['rtsp://x:hunter2@h']",
    ],
)
def test_secrets_are_not_in_the_error(write: Write, line: str) -> None:
    text = MQTT.replace('url = "rtsp://h/x"', line)

    with pytest.raises(ConfigurationError) as caught:
        load(write(text))

    assert "hunter2" not in str(caught.value)


def test_broken_toml_says_where(write: Write) -> None:
    with pytest.raises(ConfigurationError, match="line 1"):
        load(write("site = = 1"))


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no such file: write one"):
        load(tmp_path / "none.toml")


def test_a_folder_or_bytes_are_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigurationError, match="directory"):
        load(tmp_path)
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load(tmp_path / "bytes")


def test_overrides_replace_single_keys(write: Write) -> None:
    overrides = ["mqtt.port=1884", "cameras.a.url=rtsp://other/y", "models.detectors=[]"]

    config = load(write(MQTT), overrides)

    assert config.mqtt is not None
    assert config.mqtt.port == 1884
    assert isinstance(config.cameras[0], RtspCamera)
    assert config.cameras[0].url == "rtsp://other/y"
    assert config.models.detectors == ()


def test_an_override_makes_the_tables_it_needs(write: Write) -> None:
    config = load(write(MQTT), ["selection.novelty.threshold=0.3"])

    assert config.selection.novelty.threshold == 0.3


def test_overrides_are_validated_like_the_file(write: Write) -> None:
    with pytest.raises(InvalidConfigurationError, match=r"mqtt\.port = 0"):
        load(write(MQTT), ["mqtt.port=0"])


@pytest.mark.parametrize("setting", ["mqtt.port", "=1", "cameras.b.fps=1", "site.x=1"])
def test_an_override_that_leads_nowhere_is_an_error(write: Write, setting: str) -> None:
    with pytest.raises(ConfigurationError, match="--set"):
        load(write(MQTT), [setting])


def test_missing_files_are_reported_all_at_once(write: Write, tmp_path: Path) -> None:
    text = MQTT.replace('url = "', f'credentials_file = "{tmp_path}/none"\nurl = "')
    text += f'username_file = "{tmp_path}/user"\n[mqtt.tls]\nca = "{tmp_path}/ca"\n'
    text += f'[models]\ndirectory = "{tmp_path}/models"\n[spool]\npath = "{tmp_path}/no/spool.db"'
    config = load(write(text))

    with pytest.raises(InvalidConfigurationError) as caught:
        check_files(config, "config.toml")

    assert [problem.path for problem in caught.value.problems] == [
        "cameras[0].credentials_file",
        "mqtt.username_file",
        "mqtt.tls.ca",
        "models.embedder",
        "models.detectors[0]",
        "spool.path",
    ]
    assert "gleancam models fetch" in str(caught.value)


@pytest.mark.models
def test_nothing_is_missing_when_all_is_there(
    write: Write, tmp_path: Path, models_directory: Path
) -> None:
    text = f'[models]\ndirectory = "{models_directory}"\n[spool]\npath = "{tmp_path}/spool.db"'

    check_files(load(write(MQTT + text)), "config.toml")


@pytest.mark.parametrize(
    "setting",
    ["cameras.gate.url=rtsp://viewer:hunter2@h/x", 'mqtt.host="mqtt://me:hunter2@broker"'],
)
def test_a_password_is_not_taken_from_a_command_line(write: Write, setting: str) -> None:
    with pytest.raises(ConfigurationError, match="no place for a password") as caught:
        load(write(MQTT), [setting])

    assert "hunter2" not in str(caught.value)

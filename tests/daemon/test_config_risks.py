"""What works and yet lets strangers in is said by `gleancam check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gleancam.__main__ import main
from gleancam.config.keys import Config, Http, Mqtt, TestCamera, Tls
from gleancam.config.risks import risks


def paths(mqtt: Mqtt, http: str = "127.0.0.1") -> list[str]:
    cameras = (TestCamera(id="a"),)
    config = Config(site="s", device="d", cameras=cameras, mqtt=mqtt, http=Http(host=http))
    return [risk.path for risk in risks(config)]


def test_what_is_risky_is_named() -> None:
    assert paths(Mqtt(host="192.0.2.1", tls=Tls(verify=False)), "0.0.0.0") == [  # noqa: S104 - never bound
        "mqtt.tls.verify",
        "http.host",
    ]
    assert paths(Mqtt(host="broker.example.org")) == ["mqtt.tls"]


def test_what_is_safe_is_not() -> None:
    assert paths(Mqtt(host="broker.example.org", tls=Tls())) == []
    assert paths(Mqtt(host="127.0.0.1")) == []
    assert paths(Mqtt(host="localhost"), "::1") == []


CONFIG = """
site = "yard"
device = "d-1"
[[cameras]]
id = "ball"
source = "test"
[mqtt]
host = "broker.example.org"
[mqtt.tls]
verify = false
"""


def test_check_warns_and_still_says_yes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)

    assert main(["check", "--config", str(path), "--no-files"]) == 0
    said = capsys.readouterr().out
    assert main(["check", "--config", str(path), "--no-files", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)

    assert said.startswith("warning: mqtt.tls.verify = false: the broker's certificate is not")
    assert (report["ok"], report["problems"]) == (True, [])
    assert [one["path"] for one in report["warnings"]] == ["mqtt.tls.verify"]

"""The command line: exit codes, one clear message, and nothing imported that was not asked for."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from gleancam.__main__ import COMMANDS, main

ROOT = Path(__file__).parents[2]
BAD = 'site = 1\n[[cameras]]\nsource = "rtps"\nid = "a"\n[mqtt]\nport = "x"\n'


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


def test_every_command_has_its_module() -> None:
    missing = [each.module for each in COMMANDS if importlib.util.find_spec(each.module) is None]

    assert missing == []


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])

    assert ended.value.code == 0
    assert f"usage: gleancam {command}" in capsys.readouterr().out


def test_help_and_version_import_no_command() -> None:
    program = (
        "import sys; from gleancam.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in sys.modules if m.startswith('gleancam.commands')], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stderr == "[]\n"
    assert all(command.help in done.stdout for command in COMMANDS)


@pytest.mark.parametrize("arguments", [[], ["fly"], ["check", "--colour"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2


def test_a_configuration_error_is_exit_code_2_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["check", "--config", str(write(tmp_path, BAD))])

    said = capsys.readouterr()
    assert code == 2
    assert said.out == ""
    assert said.err.startswith("gleancam: ")
    assert "4 problems" in said.err
    assert 'did you mean "rtsp"?' in said.err
    assert "Traceback" not in said.err


def test_check_lists_problems_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["check", "--json", "--config", str(write(tmp_path, BAD))])

    report = json.loads(capsys.readouterr().out)
    assert (code, report["ok"]) == (2, False)
    assert [problem["path"] for problem in report["problems"]] == [
        "site",
        "cameras[0].source",
        "mqtt.port",
        "device",
    ]


def test_check_of_a_missing_file_is_json_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["check", "--json", "--config", str(tmp_path / "none")])

    assert code == 2
    assert "no such file" in json.loads(capsys.readouterr().out)["problems"][0]["what"]


def test_check_passes_what_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    config = ROOT / "configs" / "demo.toml"

    assert main(["check", "--no-files", "--config", str(config)]) == 0
    assert capsys.readouterr().out == f"{config}: no problems\n"


def test_check_looks_for_models(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "configs" / "demo.toml").read_text()
    text += f'\n[models]\ndirectory = "{tmp_path}"\n[spool]\npath = "{tmp_path}/spool.db"\n'

    assert main(["check", "--config", str(write(tmp_path, text))]) == 2
    assert "gleancam models fetch" in capsys.readouterr().err


def test_run_refuses_a_bad_configuration_before_anything_starts(tmp_path: Path) -> None:
    config = write(tmp_path, BAD)
    command = [sys.executable, "-m", "gleancam", "run", "--config", str(config)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_spool_stat_of_no_spool_is_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["spool", "stat", "--path", str(tmp_path / "none.db")]) == 1
    assert "there is no spool" in capsys.readouterr().err

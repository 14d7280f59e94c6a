"""`gleancam check` and `doctor` say that the file is not all that is in force."""

from __future__ import annotations

from pathlib import Path

from gleancam.config.file import load
from gleancam.doctor import twin
from gleancam.doctor.finding import Level
from gleancam.twin.shown import shown
from gleancam.twin.store import Failed, State, Store, Wish, store_path

FILE = """
site = "yard"
device = "d-1"
[[cameras]]
id = "front"
source = "test"
[mqtt]
[spool]
path = "{folder}/spool.db"
[remote]
configuration = {allowed}
"""


def test_what_is_laid_over_the_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(FILE.format(folder=tmp_path, allowed="true"))
    config = load(path)
    assert shown(config) == ""
    assert list(twin.examine(config)) == []
    store = Store(store_path(config.spool.path))
    wish = Wish(version=7, configuration={"health": {"enabled": False}})
    store.save(State(confirmed=wish, failed=Failed(version=8, why="a crash")))
    assert "configuration 7, wanted over MQTT, is in force" in shown(config)
    assert "8 was taken back: a crash" in shown(config)
    assert [finding.level for finding in twin.examine(config)] == [Level.OK]
    path.write_text(FILE.format(folder=tmp_path, allowed="false"))
    assert shown(load(path)) == ""

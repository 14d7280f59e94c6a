from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gleancam_upstream.journal import Journal
from gleancam_upstream.seen import SeenFile, SeenIds

lines = st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(lines, st.integers(0, 300))
def test_a_torn_file_keeps_its_whole_lines(tmp_path: Path, written: list[bytes], cut: int) -> None:
    path = tmp_path / "journal"
    path.unlink(missing_ok=True)
    journal = Journal(path)
    journal.append(written)
    journal.close()
    torn = path.read_bytes()[:cut]
    path.write_bytes(torn)
    opened = Journal(path)
    whole = torn[: torn.rfind(b"\n") + 1]
    assert list(opened.lines()) == whole.split(b"\n")[:-1]
    opened.append([b"next"])
    opened.close()
    assert path.read_bytes() == whole + b"next\n"


def test_a_torn_line_longer_than_a_block(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_bytes(b"whole\n" + b"x" * 200_000)
    journal = Journal(path)
    assert list(journal.lines()) == [b"whole"]
    journal.close()


FULL = """
import resource, sys
import subprocess
import sys
from pathlib import Path
from gleancam_upstream.journal import Journal
journal = Journal(Path(sys.argv[1]))
journal.append([b"first"])
resource.setrlimit(resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))
try:
    journal.append([b"second"])
except OSError:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    journal.append([b"third"])
journal.close()
"""


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    subprocess.run([sys.executable, "-c", FULL, str(path)], check=True)
    assert path.read_bytes() == b"first\nthird\n"


def test_ids_are_remembered_and_bounded(tmp_path: Path) -> None:
    path = tmp_path / "seen"
    seen = SeenFile(path, capacity=4)
    for number in range(30):
        seen.add([f"id-{number}"])
        assert f"id-{number}" in seen
        assert len(path.read_text().split()) <= 8
    seen.close()
    again = SeenFile(path, capacity=4)
    assert "id-29" in again
    assert "id-26" in again
    assert "id-25" not in again
    again.close()


def test_memory_forgets_the_oldest() -> None:
    seen = SeenIds(["a", "b", "c"], capacity=2)
    assert seen.ids() == ("b", "c")
    seen.add(["b"])
    assert len(seen) == 2

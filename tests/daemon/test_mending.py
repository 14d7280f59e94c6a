"""A start on a GPU, simulated: plans are built and verified where they have to be, each once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from msgspec import structs
from PIL import Image

from gleancam import logs
from gleancam.__main__ import main
from gleancam.config.keys import Models
from gleancam.models import LoadedModels, open_models
from gleancam.notify import Notifier
from gleancam.spool.queue import Spool
from gleancam.wire.parcel import Parcel
from gleancam_engines import compile as compiling
from gleancam_engines.errors import CompileError, ReceiptError, VerificationError
from gleancam_engines.opening import Backend
from gleancam_engines.receipt import Receipt, require_receipt, write_receipt
from gleancam_engines.trt.build import build_plan
from gleancam_engines.trt.library import load_tensorrt
from gleancam_engines.trt.plans import stored
from gleancam_engines.trt.record import PLAN
from gleancam_engines.trt.target import Build, Target, this_device
from gpu_rig import CUBIN, simulated_gpu
from made_models import manifest_text, projection, write_model

ENOUGH = 20
CONFIG = """
site = "yard"
device = "d-1"
[[cameras]]
id = "ball"
source = "test"
[models]
directory = "{folder}/models"
embedder = "projection"
detectors = []
backend = "tensorrt"
batch = 4
[spool]
path = "{folder}/spool.db"
reserve_bytes = 1
[directory]
path = "{folder}/samples"
"""


class Site:
    """A models directory, a spool and a GPU that counts what it builds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = write_model(folder / "models" / "projection", projection())
        self.spool = folder / "spool.db"
        self.built = 0
        self.models = Models(
            directory=str(folder / "models"),
            embedder="projection",
            detectors=(),
            backend="tensorrt",
            batch=4,
        )

    def keep_pictures(self, count: int) -> None:
        spool = Spool.open(self.spool, 10**8, 1)
        for number in range(count):
            spool.add(_parcel(number))
        spool.close()

    def start(self) -> LoadedModels:
        with closing(Notifier("")) as notifier:
            loaded = open_models(self.models, self.spool, notifier)
        loaded.close()
        return loaded

    def run(self) -> int:
        config = self.folder / "config.toml"
        config.write_text(CONFIG.format(folder=self.folder))
        return main(["run", f"--config={config}"])

    def build_with(self, build: Build) -> Target:
        """Build in this process: another would not have the stand-ins."""

        def counted(*args: object, **keys: object) -> object:
            self.built += 1
            return build(*args, **keys)  # type: ignore[arg-type]

        return replace(this_device(), build=counted, compile_kernels=lambda _: CUBIN)  # type: ignore[arg-type]


def _parcel(number: int) -> Parcel:
    pixels = np.random.default_rng(number).integers(0, 255, (3, 4, 3), np.uint8)
    picture = Image.fromarray(pixels).resize((320, 180), Image.Resampling.BICUBIC)
    jpeg = simplejpeg.encode_jpeg(np.asarray(picture))
    return Parcel(f"sample-{number}", "sample", "front", 0, b"{}", jpeg, 0.5)


@pytest.fixture(autouse=True)
def _logging_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command not take the log from pytest."""
    monkeypatch.setattr(logs, "configure", lambda _level: None)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    made = Site(tmp_path)
    with simulated_gpu(monkeypatch):
        build = partial(build_plan, load_tensorrt())
        monkeypatch.setattr(compiling, "this_device", lambda: made.build_with(build))
        yield made


def plan_file(site: Site) -> Path:
    (record,) = stored(site.model)
    return site.model / "plans" / record.key.digest / PLAN


def receipt_of(site: Site) -> Receipt:
    (model,) = site.start().running
    return require_receipt(site.model, model.provenance)


def test_a_missing_plan_is_built_and_verified_on_what_the_site_kept(site: Site) -> None:
    site.keep_pictures(ENOUGH)

    receipt = receipt_of(site)

    assert site.built == 1
    assert (receipt.pictures, receipt.batches) == (ENOUGH, (1, 4))
    assert receipt.result.passed
    assert str(receipt.subject) == "tensorrt/orin-sm87/fp32"


def test_a_second_start_builds_and_verifies_nothing(site: Site) -> None:
    site.keep_pictures(ENOUGH)
    site.start()
    site.spool.unlink()

    site.start()

    assert site.built == 1


def test_a_damaged_plan_is_built_and_verified_anew(site: Site) -> None:
    site.keep_pictures(ENOUGH)
    site.start()
    content = plan_file(site).read_bytes()
    plan_file(site).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    assert receipt_of(site).result.passed

    assert site.built == 2
    assert plan_file(site).read_bytes() == content


def test_a_plan_of_other_batches_is_not_used(site: Site) -> None:
    site.keep_pictures(ENOUGH)
    site.start()
    site.models = structs.replace(site.models, batch=2)

    site.start()

    assert site.built == 2


def test_damaged_weights_are_fetched_then_compiled_then_verified(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.keep_pictures(ENOUGH)
    elsewhere = site.folder / "elsewhere.onnx"
    elsewhere.write_bytes(projection())
    text = manifest_text(projection(), source=str(elsewhere))
    (site.model / "manifest.toml").write_text(text)
    (site.model / "model.onnx").write_bytes(b"half a fi")

    with caplog.at_level(logging.INFO):
        site.start()

    told = [text for text in caplog.messages if text.startswith("projection")]
    assert any("fetched again" in text for text in told)
    assert any("built for orin-sm87" in text for text in told)
    assert any("verified on 20 pictures" in text for text in told)


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_the_fp16_file_is_made_where_it_is_missing_or_damaged(site: Site, damage: str) -> None:
    site.keep_pictures(ENOUGH)
    site.models = structs.replace(site.models, precision="fp16")
    half = site.model / "model.fp16.onnx"
    if damage == "damaged":
        site.start()
        half.write_bytes(half.read_bytes()[:-1])

    receipt = receipt_of(site)

    assert str(receipt.subject) == "tensorrt/orin-sm87/fp16"
    assert half.exists()


@pytest.mark.parametrize(
    ("backend", "command"), [("onnxruntime", "verify"), ("tensorrt", "compile")]
)
def test_int8_without_pictures_to_calibrate_on_names_the_command(
    site: Site, backend: Backend, command: str
) -> None:
    site.keep_pictures(3)
    site.models = structs.replace(site.models, backend=backend, precision="int8")

    with pytest.raises(ReceiptError, match=rf"'gleancam models {command} .* --images DIR'"):
        site.start()


def test_too_few_pictures_end_with_three_and_the_command(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.keep_pictures(3)

    code = site.run()

    (last,) = capsys.readouterr().err.splitlines()[-1:]
    assert code == 3
    assert "3 pictures are too few" in last
    command = f"gleancam models verify projection --directory {site.model.parent}"
    assert f"'{command} --precision fp32 --batch 1,4 --backend tensorrt --images DIR'" in last


def test_without_a_spool_it_is_the_same(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert site.run() == 3
    assert "0 pictures are too few" in capsys.readouterr().err


def test_a_plan_that_failed_its_check_is_refused_at_once(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    site.keep_pictures(ENOUGH)
    receipt = receipt_of(site)
    failed = structs.replace(receipt.result, value=0.5)
    write_receipt(site.model, structs.replace(receipt, result=failed))

    code = site.run()

    assert code == 3
    assert "failed its check" in capsys.readouterr().err
    assert site.built == 1
    with pytest.raises(VerificationError):
        site.start()


def test_a_build_that_fails_ends_with_three(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise CompileError("operator NonZero is not supported; set backend = 'onnxruntime'")

    monkeypatch.setattr(compiling, "this_device", lambda: site.build_with(fail))  # type: ignore[arg-type]

    assert site.run() == 3
    assert "operator NonZero" in capsys.readouterr().err

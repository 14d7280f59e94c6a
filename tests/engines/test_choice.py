"""What `auto` takes: every branch on made-up machines, and what this machine gives."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from gleancam_engines.choice import Probed, choose, probe_machine, settle
from gleancam_engines.cuda.driver import Device
from gleancam_engines.errors import BackendUnavailableError
from gleancam_engines.opening import Opening

ORIN = Device("Orin", (8, 7), 8 << 30, "12.6")
NO_DRIVER = "no NVIDIA driver: libcuda.so.1 cannot be loaded; install the driver"


@pytest.mark.parametrize(
    ("probed", "backend", "why", "regretted"),
    [
        (Probed(ORIN, "", has_tensorrt=True), "tensorrt", "orin-sm87", False),
        (Probed(ORIN, "", has_tensorrt=False), "onnxruntime", "no package tensorrt", True),
        (
            Probed(None, NO_DRIVER, has_tensorrt=False),
            "onnxruntime",
            "libcuda.so.1 cannot be loaded",
            False,
        ),
        (
            Probed(None, NO_DRIVER, has_tensorrt=True),
            "onnxruntime",
            "libcuda.so.1 cannot be loaded",
            False,
        ),
    ],
)
def test_tensorrt_is_taken_where_all_of_it_is_there(
    probed: Probed, backend: str, why: str, *, regretted: bool
) -> None:
    choice = choose(probed)

    assert (choice.backend, choice.regretted) == (backend, regretted)
    assert why in choice.why
    assert "install" not in choice.why, "no cure for what is no fault"


def test_a_choice_is_logged_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    expected = choose(probe_machine())

    with caplog.at_level(logging.INFO):
        settled = settle(Opening(threads=3, batches=(1, 4)))

    assert settled == Opening(expected.backend, threads=3, batches=(1, 4))
    assert f"backend {expected.backend} is taken: {expected.why}" in caplog.messages


def test_what_was_chosen_by_a_person_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    opening = Opening("openvino")

    assert settle(opening) is opening
    assert caplog.messages == []


def test_a_precision_that_the_choice_lacks_is_an_error_and_not_another_backend() -> None:
    with pytest.raises(BackendUnavailableError, match="bf16"):
        settle(Opening("auto", "bf16"))


def test_looking_for_tensorrt_imports_nothing_of_it() -> None:
    program = (
        "import sys; from gleancam_engines.choice import probe_machine; probe_machine()\n"
        "print([name for name in sys.modules if 'tensorrt' in name or 'pycuda' in name])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"

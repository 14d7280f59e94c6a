"""The one door of torch and torchvision."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from gleancam_engines.errors import BackendUnavailableError, ExportError
from gleancam_engines.export.said import said

OPSET = 18
INSTALL = "run \"pip install 'gleancam[export]'\", on this machine or another one"

_declared: list[Any] = []
"""What was declared to torch lives as long as this process."""

_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def load_torch() -> Any:
    """Return the module torch, beside which torchvision can be imported.

    Raises:
        BackendUnavailableError: one of them is not installed.
    """
    try:
        import torch

        _import_torchvision(torch)
    except ImportError as error:
        raise BackendUnavailableError(f"exporting needs torch ({error}); {INSTALL}") from error
    return torch


def _import_torchvision(torch: Any) -> None:
    """Import it although its compiled part was built for another torch, as its CPU wheel may be.

    That part has the operators declared here, which no CLIP model runs.
    """
    try:
        import torchvision
    except RuntimeError as error:
        if "operator torchvision::nms does not exist" not in str(error):
            raise
        library = torch.library.Library("torchvision", "DEF")
        for operator in _OPERATORS:
            library.define(operator)
        _declared.append(library)
        import torchvision  # noqa: F401 - the second attempt, which leaves it in sys.modules


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the warnings and log lines of these libraries to themselves: none is a user's to act on.

    What can go wrong is checked afterwards.
    """
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        root.setLevel(level)


def tower(model: Any, method: Literal["encode_image", "encode_text"]) -> Any:
    """Return one half of a CLIP model as a module of its own, whose output has norm 1."""
    base: Any = load_torch().nn.Module

    class Tower(base):  # type: ignore[misc] # Any: torch may not be installed
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, tensor: Any) -> Any:
            return getattr(self.model, method)(tensor, normalize=True)

    return Tower().eval()


def run(module: Any, array: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Run a module on one batch."""
    torch = load_torch()
    with torch.inference_mode():
        result: npt.NDArray[np.float32] = module(torch.from_numpy(array)).numpy()
    return result


def to_onnx(module: Any, example: npt.NDArray[Any], input_name: str, output_name: str) -> bytes:
    """Return a module as one ONNX file with a batch of any size.

    Nothing of the machine it was made on is left in it: no paths, no stack traces.

    Raises:
        ExportError: the exporter cannot take this architecture.
    """
    torch = load_torch()
    try:
        with quiet(), torch.no_grad():
            program = torch.onnx.export(
                module,
                (torch.from_numpy(example),),
                dynamo=True,
                opset_version=OPSET,
                input_names=[input_name],
                output_names=[output_name],
                dynamic_shapes=({0: torch.export.Dim("batch")},),
                external_data=False,
                verbose=False,
            )
    except (torch.onnx.OnnxExporterError, ImportError) as error:
        raise ExportError(
            f"torch {torch.__version__} cannot export this architecture ({said(error)}); "
            "choose another one"
        ) from error
    return _bare(program.model_proto)


def _bare(proto: Any) -> bytes:
    graph = proto.graph
    for part in (proto, graph, *graph.node, *graph.value_info, *graph.initializer):
        part.ClearField("doc_string")
        part.ClearField("metadata_props")
    content: bytes = proto.SerializeToString(deterministic=True)
    return content

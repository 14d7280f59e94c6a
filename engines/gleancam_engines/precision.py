"""What numbers a model computes in; its tensors stay as its manifest declares them."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

Precision: TypeAlias = Literal["fp32", "fp16", "bf16", "int8"]

PRECISIONS: tuple[Precision, ...] = get_args(Precision)

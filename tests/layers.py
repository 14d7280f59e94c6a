"""Read our own source: which modules there are, and what each imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE_ROOTS = ("daemon", "engines", "upstream")
PACKAGES = ("gleancam", "gleancam_engines", "gleancam_upstream")


@cache
def modules() -> dict[str, Path]:
    """Map every module of the three packages to its file."""
    return {
        _name(path.relative_to(ROOT / root)): path
        for root in SOURCE_ROOTS
        for path in sorted((ROOT / root).rglob("*.py"))
    }


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(module: str) -> ast.Module:
    """Parse one module."""
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


def imports(module: str) -> set[str]:
    """Name every module that `module` imports, anywhere in it, also inside functions."""
    return set(_imports(tree(module)))


def _imports(parsed: ast.Module) -> Iterator[str]:
    for node in ast.walk(parsed):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in modules() else node.module


def library(name: str) -> str:
    """Name the top-level package of a module."""
    return name.partition(".")[0]


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a dotted name fits one of the patterns; `a.*` fits `a` itself and all below it."""
    return any(
        fnmatchcase(name, pattern) or name == pattern.removesuffix(".*") for pattern in patterns
    )

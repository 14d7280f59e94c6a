"""Every shipped configuration is valid, and the commented one shows every key and true defaults."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
import pytest

from gleancam.config.file import load
from gleancam.config.keys import AnyCamera, Camera, Config
from gleancam.config.scalars import Section

CONFIGS = Path(__file__).parents[2] / "configs"
EXAMPLE = CONFIGS / "example.toml"


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.name)
def test_it_loads(path: Path) -> None:
    assert load(path).cameras


def test_the_five_are_there() -> None:
    names = {path.name for path in CONFIGS.glob("*.toml")}

    assert {"minimal.toml", "example.toml", "jetson-orin.toml", "demo.toml"} <= names


def shown() -> dict[str, Any]:
    """Return the example with every default line uncommented."""
    text = re.sub(r"^#(?=\[|[a-z_]+ = )", "", EXAMPLE.read_text(), flags=re.MULTILINE)
    document: dict[str, Any] = msgspec.toml.decode(text)
    return document


def table(value: Any, annotation: Any) -> dict[str, Any]:
    """Return a table, or the first of an array or of a table of them."""
    rows = list(value.values()) if get_origin(annotation) is dict else value
    one: dict[str, Any] = next(iter(rows), {}) if isinstance(rows, list) else rows
    return one


def structs(annotation: Any) -> list[type[Section]]:
    options = get_args(annotation) or (annotation,)
    return [each for each in options if isinstance(each, type) and issubclass(each, Section)]


def missing(document: dict[str, Any], struct: type[Section], path: str) -> Iterator[str]:
    for field in msgspec.structs.fields(struct):
        if field.name not in document:
            yield f"{path}{field.name}"
        elif field.name != "cameras" and (inner := structs(field.type)):
            yield from missing(
                table(document[field.name], field.type), inner[0], f"{path}{field.name}."
            )


def test_the_example_shows_every_key() -> None:
    assert list(missing(shown(), Config, "")) == []


@pytest.mark.parametrize("kind", get_args(AnyCamera), ids=lambda kind: kind.__name__)
def test_the_example_shows_every_key_of_every_camera(kind: type[Camera]) -> None:
    cameras = shown()["cameras"]
    common = {field.name for field in msgspec.structs.fields(Camera)}
    own = {field.name for field in msgspec.structs.fields(kind)} - common
    of_kind = [each for each in cameras if each["source"] == kind.__struct_config__.tag]

    assert common <= {key for each in cameras for key in each}
    assert any(own <= set(each) for each in of_kind)


def wrong_defaults(all_keys: Any, set_keys: Any, struct: type[Section], path: str) -> Iterator[str]:
    """Compare what only the comments show with the structs' defaults."""
    for field in msgspec.structs.fields(struct):
        if field.name not in all_keys or field.name == "cameras":
            continue
        value = all_keys[field.name]
        if inner := structs(field.type):
            below = table(set_keys.get(field.name, {}), field.type)
            yield from wrong_defaults(
                table(value, field.type), below, inner[0], f"{path}{field.name}."
            )
        elif field.name not in set_keys and not field.required:
            default = field.default
            if value != (list(default) if isinstance(default, tuple) else default):
                yield f"{path}{field.name} = {value!r}, but the default is {default!r}"


def test_commented_values_are_the_defaults() -> None:
    active: dict[str, Any] = msgspec.toml.decode(EXAMPLE.read_text())
    wrong = list(wrong_defaults(shown(), active, Config, ""))
    kinds = {kind.__struct_config__.tag: kind for kind in get_args(AnyCamera)}
    for index, camera in enumerate(shown()["cameras"]):
        set_keys, kind = active["cameras"][index], kinds[camera["source"]]
        wrong += wrong_defaults(camera, set_keys, kind, f"cameras[{index}].")

    assert wrong == []


def test_the_example_names_clip() -> None:
    assert load(EXAMPLE).models.embedder == "clip-vit-b-32"

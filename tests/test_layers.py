"""Who may import whom, exhaustively: a module that fits no layer fails, and so does a wrong import.

The rules are those of daemon/README.md: `__main__ -> commands -> app -> stages and plug-ins ->
values`; sources, selectors and sinks never see each other; what decides is pure; each foreign
library has its doors.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass

import pytest

from layers import PACKAGES, imports, library, matches, modules, tree


@dataclass(frozen=True)
class Layer:
    """Modules that follow the same rule; patterns as in `layers.matches`.

    Attributes:
        may: what of ours its members may import, besides each other.
    """

    name: str
    members: tuple[str, ...]
    may: tuple[str, ...] = ()


ENGINE_VALUES = (
    "gleancam_engines.planes",
    "gleancam_engines.detections",
    "gleancam_engines.voting.*",
)
CHOICES = ("gleancam_engines.opening", "gleancam_engines.precision", "gleancam_engines.errors")
"""What a configuration may name: plain words, which import no backend."""
FOUNDATIONS = (
    "gleancam.errors",
    "gleancam.condition",
    "gleancam.backoff",
    "gleancam.model_directory",
    "gleancam.credentials",
    "gleancam.secret_files",
    "gleancam.durable",
    "gleancam.stage",
    "gleancam.meanwhile",
    "gleancam.config.keys",
    "gleancam.config.label_keys",
    "gleancam.config.scalars",
    "gleancam.config.selection_keys",
    "gleancam.metrics",
    "gleancam.cameras",
    "gleancam.clock",
    "gleancam.pause",
    "gleancam.device",
)
VALUES = ("gleancam.types", "gleancam.thumbnail", "gleancam.mask")
WIRE = ("gleancam.wire.*",)
SPOOL = ("gleancam.spool.*",)
STAGES = (
    "gleancam.batching",
    "gleancam.crop",
    "gleancam.embedding",
    "gleancam.glean",
    "gleancam.outcome",
    "gleancam.conditions",
    "gleancam.captures",
    "gleancam.inference",
    "gleancam.labelling",
    "gleancam.label_round",
    "gleancam.unlabelled",
    "gleancam.voter",
    "gleancam.second_look",
    "gleancam.spooler",
    "gleancam.settlements",
    "gleancam.delivery.*",
    "gleancam.refit",
    "gleancam.jpeg",
)

LAYERS = (
    # engines: models know nothing of cameras, queues or brokers.
    Layer("engine values", (*ENGINE_VALUES, "gleancam_engines.vocabularies")),
    Layer(
        "engine backends",
        (
            "gleancam_engines.onnxruntime_",
            "gleancam_engines.openvino_",
            "gleancam_engines.tensorrt_",
        ),
        ("gleancam_engines.*",),
    ),
    Layer("engines", ("gleancam_engines.*",)),
    # daemon, from the bottom up.
    Layer("package", ("gleancam",)),
    Layer("foundations", FOUNDATIONS, CHOICES),
    Layer("values", VALUES, ENGINE_VALUES),
    Layer("channels", ("gleancam.channel",), ("gleancam.errors", "gleancam.stage", *VALUES)),
    Layer(
        "wire",
        WIRE,
        ("gleancam.errors", *VALUES, *ENGINE_VALUES, "gleancam_engines.vocabularies"),
    ),
    Layer(
        "configuration file",
        ("gleancam.config.*",),
        (
            "gleancam.config.keys",
            "gleancam.config.label_keys",
            "gleancam.config.scalars",
            "gleancam.config.selection_keys",
            "gleancam.credentials",
            "gleancam.errors",
            "gleancam.secret_files",
            "gleancam.wire.topics",
            "gleancam_engines.errors",
            "gleancam_engines.manifest",
            "gleancam_engines.opening",
            "gleancam_engines.prototypes",
        ),
    ),
    Layer(
        "model openings",
        ("gleancam.opening",),
        (
            "gleancam.config.keys",
            "gleancam.config.selection_keys",
            *CHOICES,
            "gleancam_engines.manifest",
        ),
    ),
    Layer("reporting", ("gleancam.logs", "gleancam.notify", "gleancam.http_server"), FOUNDATIONS),
    # plug-ins: none of the three sees another.
    Layer(
        "selectors",
        ("gleancam.selectors.*",),
        (
            "gleancam.config.keys",
            "gleancam.config.selection_keys",
            *VALUES,
            *ENGINE_VALUES,
            "gleancam_engines.errors",
        ),
    ),
    Layer(
        "health",
        ("gleancam.health.*",),
        (
            "gleancam.condition",
            "gleancam.config.keys",
            "gleancam.config.scalars",
            "gleancam.config.selection_keys",
            *VALUES,
            *ENGINE_VALUES,
            "gleancam.selectors.displacement",
            "gleancam.selectors.luma",
        ),
    ),
    Layer(
        "sources",
        ("gleancam.sources.*",),
        (*FOUNDATIONS, "gleancam.channel", *VALUES, *ENGINE_VALUES),
    ),
    Layer(
        "decision log",
        ("gleancam.decisions.*",),
        (
            *FOUNDATIONS,
            "gleancam.channel",
            *VALUES,
            "gleancam.glean",
            "gleancam.outcome",
            "gleancam.settlements",
            "gleancam.selectors.observation",
            *ENGINE_VALUES,
        ),
    ),
    Layer("sinks", ("gleancam.sinks.*",), (*FOUNDATIONS, "gleancam.channel", *WIRE)),
    Layer("spool", SPOOL, ("gleancam.durable", "gleancam.errors", *WIRE)),
    Layer(
        "pictures of the site",
        ("gleancam.site_pictures",),
        ("gleancam.spool.view", "gleancam_engines.photographs", *ENGINE_VALUES),
    ),
    # stages see the contracts of plug-ins and engines, not the plug-ins.
    Layer(
        "stages",
        STAGES,
        (
            *FOUNDATIONS,
            "gleancam.channel",
            *VALUES,
            *WIRE,
            *SPOOL,
            "gleancam.health.watch",
            "gleancam.selectors.base",
            "gleancam.selectors.budget_accounts",
            "gleancam.selectors.judges",
            "gleancam.selectors.lotteries",
            "gleancam.selectors.lottery",
            "gleancam.selectors.luma",
            "gleancam.selectors.memories",
            "gleancam.selectors.near",
            "gleancam.selectors.observation",
            "gleancam.selectors.policy",
            "gleancam.selectors.references",
            "gleancam.selectors.scene_name",
            "gleancam.selectors.track",
            "gleancam.selectors.uncertain",
            "gleancam.selectors.zero_shot",
            "gleancam.sinks.base",
            "gleancam.sinks.packet_size",
            *ENGINE_VALUES,
            "gleancam_engines.colour",
            "gleancam_engines.embedder",
            "gleancam_engines.errors",
            "gleancam_engines.detectors.base",
            "gleancam_engines.picture_variants",
        ),
    ),
    Layer(
        "twin",
        ("gleancam.twin.*",),
        (*FOUNDATIONS, "gleancam.config.file", "gleancam.config.problem", "gleancam.notify", *WIRE),
    ),
    # the composition root alone names concrete classes.
    Layer(
        "composition",
        (
            "gleancam.app",
            "gleancam.parts.*",
            "gleancam.lifecycle",
            "gleancam.mending",
            "gleancam.models",
            "gleancam.patience",
            "gleancam.describe",
            "gleancam.statuses",
        ),
        ("gleancam.*", "gleancam_engines.*"),
    ),
    Layer(
        "replay",
        ("gleancam.replay", "gleancam.replay_view"),
        (
            *FOUNDATIONS,
            "gleancam.channel",
            *VALUES,
            "gleancam.batching",
            "gleancam.glean",
            "gleancam.outcome",
            "gleancam.sources.video",
            "gleancam.selectors.*",
            "gleancam_engines.*",
        ),
    ),
    Layer(
        "what-if",
        ("gleancam.whatif.*",),
        (
            "gleancam.config.keys",
            "gleancam.config.scalars",
            "gleancam.config.selection_keys",
            "gleancam.errors",
            *VALUES,
            *WIRE,
            "gleancam.batching",
            "gleancam.decisions.*",
            "gleancam.glean",
            "gleancam.outcome",
            "gleancam.jpeg",
            "gleancam.replay",
            "gleancam.parts.references",
            "gleancam.selectors.*",
            "gleancam.settlements",
            "gleancam.sources.video",
            *ENGINE_VALUES,
        ),
    ),
    # The demo watches the daemon from outside, as an operator would.
    Layer("demo", ("gleancam.demo.*",), ("gleancam.errors", *WIRE, "gleancam_engines.*")),
    Layer(
        "doctor",
        ("gleancam.doctor.*",),
        (
            *FOUNDATIONS,
            "gleancam.config.bandwidth",
            "gleancam.config.file",
            "gleancam.config.label_files",
            "gleancam.config.named_files",
            "gleancam.config.prototype_files",
            "gleancam.config.risks",
            "gleancam.opening",
            "gleancam.parts.labelling",
            "gleancam.sources.*",
            "gleancam.sinks.tls",
            "gleancam.sinks.tls_trouble",
            "gleancam.twin.shown",
            "gleancam_engines.*",
        ),
    ),
    Layer("commands", ("gleancam.commands.*",), ("gleancam.*", "gleancam_engines.*")),
    Layer(
        "command line",
        ("gleancam.__main__",),
        ("gleancam.credentials", "gleancam.errors", "gleancam_engines.errors"),
    ),
    # upstream: what the device and the consumer share is the wire, the engines' values, and how
    # files of secrets are read.
    Layer(
        "upstream",
        ("gleancam_upstream.*",),
        (*WIRE, "gleancam.errors", "gleancam.secret_files", "gleancam_engines.*"),
    ),
)

DOORS = {
    "gi": ("gleancam.sources._gst",),
    "paho": (
        "gleancam.sinks._paho",
        "gleancam.sinks._paho_client",
        "gleancam_upstream.connection",
    ),
    "xxhash": ("gleancam.spool.digest",),
    "onnxruntime": ("gleancam_engines.onnxruntime_",),
    "openvino": ("gleancam_engines.openvino_",),
    "onnx": (
        "gleancam_engines.half",
        "gleancam_engines.flops",
        "gleancam_engines.ceiling",
        "gleancam_engines.quantising.products",
        "gleancam_engines.quantising.rewriting",
    ),
    "google": (
        "gleancam_engines.half",
        "gleancam_engines.flops",
        "gleancam_engines.quantising.products",
    ),  # protobuf's own exception, which onnx lets through
    "pycuda": ("gleancam_engines.cuda._pycuda",),
    "tensorrt": ("gleancam_engines.trt.library",),
    "torch": ("gleancam_engines.export._torch",),
    "torchvision": ("gleancam_engines.export._torch",),
    "open_clip": ("gleancam_engines.export._open_clip",),
    "timm": ("gleancam_engines.export._open_clip",),  # comes with open_clip
    "safetensors": ("gleancam_engines.export._open_clip",),  # as timm
    "huggingface_hub": ("gleancam_engines.export.hub",),
    "scipy": ("gleancam_upstream.calibrating.isotonic",),
    "simplejpeg": ("gleancam.jpeg", "gleancam_upstream.verification"),
    "prometheus_client": (
        "gleancam.metrics",
        "gleancam.http_server",
        "gleancam.app",
        "gleancam.commands.run",
        "gleancam.demo.counts",
    ),
    "tomli": ("gleancam.config.file", "gleancam.config.overrides"),
    "uuid6": (
        "gleancam.parts.decisions",
        "gleancam.parts.delivery",
        "gleancam.parts.inference",
        "gleancam.spooler",
        "gleancam.whatif.price",
    ),
    "rich": (
        "gleancam.commands.*",
        "gleancam.demo.*",
        "gleancam.replay_view",
        "gleancam.whatif.view",
        "gleancam_upstream.calibrate_command",
        "gleancam_upstream.calibrating.report",
        "gleancam_upstream.conformance.report",
        "gleancam_upstream.conformance_command",
        "gleancam_upstream.consume_command",
        "gleancam_upstream.export_command",
        "gleancam_upstream.exporting.view",
        "gleancam_upstream.progress",
        "gleancam_upstream.report",
        "gleancam_upstream.revote_command",
        "gleancam_upstream.revoting.view",
    ),
    "PIL": (
        "gleancam.jpeg",
        "gleancam.mask",
        "gleancam.thumbnail",
        "gleancam.selectors.displacement",
        "gleancam.sources.images",
        "gleancam.whatif.canvas",
        "gleancam.whatif.plot",
        "gleancam_engines.colour",
        "gleancam_engines.export.agreement",
        "gleancam_engines.photographs",
        "gleancam_engines.preprocess",
        "gleancam_upstream.contact_sheet",
        "gleancam_upstream.sheet_tile",
    ),
    "msgspec": (
        "gleancam.parts.inference",
        "gleancam.replay",
        "gleancam.decisions.epoch",
        "gleancam.decisions.record",
        "gleancam.whatif.at_most",
        "gleancam.whatif.policy",
        "gleancam.selectors.budget_accounts",
        "gleancam.selectors.budget_state",
        "gleancam.selectors.judges",
        "gleancam.selectors.lotteries",
        "gleancam.selectors.lottery",
        "gleancam.selectors.quota",
        "gleancam.selectors.stored",
        "gleancam.selectors.memories",
        "gleancam.commands.models.bench",
        "gleancam.commands.replay_video",
        "gleancam.commands.models.verify",
        "gleancam.doctor.models",
        "gleancam.config.*",
        "gleancam.twin.store",
        "gleancam.twin.twin",
        "gleancam.wire.*",
        "gleancam_engines.calibrations",
        "gleancam_engines.committee_identity",
        "gleancam_engines.export.*",
        "gleancam_engines.manifest",
        "gleancam_engines.manifest_sources",
        "gleancam_engines.text_tower",
        "gleancam_engines.receipt",
        "gleancam_engines.variants",
        "gleancam_engines.trt.*",
        "gleancam_upstream.*",
    ),
    "numpy": (
        "gleancam.crop",
        "gleancam.jpeg",
        "gleancam.mask",
        "gleancam.models",
        "gleancam.parts.references",
        "gleancam.thumbnail",
        "gleancam.types",
        "gleancam.decisions.record",
        "gleancam.health.*",
        "gleancam.selectors.*",
        "gleancam.sources.*",
        "gleancam.whatif.*",
        "gleancam.wire.*",
        "gleancam_engines.*",
        "gleancam_upstream.calibrating.*",
        "gleancam_upstream.exporting.*",
    ),
}
"""Every foreign library, and the modules through which it enters."""

PURE = ("gleancam.health.*", "gleancam.selectors.*", "gleancam.wire.*", "gleancam_engines.voting.*")
SCHEMA_GENERATOR = "gleancam.wire.generate"
"""A development tool, run by `make schemas`: it writes files, that is its purpose."""
IMPURE_LIBRARIES = frozenset(
    [
        "_thread",
        "asyncio",
        "concurrent",
        "http",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "queue",
        "random",
        "secrets",
        "shutil",
        "signal",
        "socket",
        "socketserver",
        "sqlite3",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "urllib",
    ]
)
IMPURE_CALLS = frozenset({"open", "print", "input"})

THREAD_MAKERS = frozenset(
    {"Thread", "Timer", "ThreadPoolExecutor", "ProcessPoolExecutor", "start_new_thread"}
)
THREAD_LIBRARIES = frozenset({"_thread", "asyncio", "concurrent", "multiprocessing"})
EVENT_LOOPS = ("gleancam_upstream.async_link", "gleancam_upstream.sample_stream")
"""For consumers that have an event loop; threads are borrowed from it for what blocks."""

ALL = sorted(modules())


def layer_of(module: str) -> Layer:
    fitting = [layer for layer in LAYERS if matches(module, layer.members)]
    assert fitting, f"{module} is in no layer: add it to one in {__file__}"
    return fitting[0]


def names_used(module: str) -> set[str]:
    nodes = list(ast.walk(tree(module)))
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    }


def calls(module: str) -> set[str]:
    """Name every plain function that a module calls."""
    nodes = (node.func for node in ast.walk(tree(module)) if isinstance(node, ast.Call))
    return {node.id for node in nodes if isinstance(node, ast.Name)}


@pytest.mark.parametrize("module", ALL)
def test_a_module_imports_only_what_its_layer_may(module: str) -> None:
    layer = layer_of(module)
    ours = {name for name in imports(module) if library(name) in PACKAGES}

    allowed = layer.members + layer.may
    wrong = {name for name in ours if name not in PACKAGES and not matches(name, allowed)}

    assert wrong == set(), f"{module} ({layer.name}) must not import {sorted(wrong)}"


@pytest.mark.parametrize("module", ALL)
def test_a_foreign_library_enters_through_its_doors_only(module: str) -> None:
    foreign = {library(name) for name in imports(module)} - set(PACKAGES)
    foreign -= sys.stdlib_module_names

    assert foreign - set(DOORS) == set(), "an unlisted library: add it to DOORS"
    assert [name for name in sorted(foreign) if not matches(module, DOORS[name])] == []


@pytest.mark.parametrize(
    "module", [name for name in ALL if matches(name, PURE) and name != SCHEMA_GENERATOR]
)
def test_what_decides_is_pure(module: str) -> None:
    assert {library(name) for name in imports(module)} & IMPURE_LIBRARIES == set()
    assert calls(module) & IMPURE_CALLS == set()


@pytest.mark.parametrize("module", [name for name in ALL if name != "gleancam.stage"])
def test_only_stage_creates_threads(module: str) -> None:
    assert names_used(module) & THREAD_MAKERS == set()
    allowed = {"asyncio"} if module in EVENT_LOOPS else set()
    assert {library(name) for name in imports(module)} & THREAD_LIBRARIES <= allowed


def test_stage_does_create_threads() -> None:
    assert names_used("gleancam.stage") & THREAD_MAKERS


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_no_rule_is_stale(layer: Layer) -> None:
    for pattern in layer.members:
        assert any(matches(module, (pattern,)) for module in ALL), f"{pattern} fits no module"


@pytest.mark.parametrize("name", sorted(DOORS))
def test_no_door_is_stale(name: str) -> None:
    for pattern in DOORS[name]:
        through = [module for module in ALL if matches(module, (pattern,))]
        used = any(library(found) == name for module in through for found in imports(module))
        assert used, f"nothing in {pattern} imports {name}"


def test_nobody_outside_picks_a_backend() -> None:
    backends = {name for name in ALL if name.startswith("gleancam_engines.") and name[-1] == "_"}

    assert backends
    assert {module for module in ALL if imports(module) & backends} == {
        "gleancam_engines.loading",
        "gleancam_engines.flops",  # asks ONNX Runtime for shapes, whatever runs the model
        "gleancam_engines.export.reference",  # what exports are checked on, whatever runs them
    }

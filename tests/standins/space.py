"""A module made from a surface: exactly its names, exactly its signatures, and our behaviour."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, NoReturn, SupportsIndex

from standins.kinds import accepts, default
from standins.machine import Machine
from standins.recording import Recording
from standins.things import Missing, Number, Stored, Thing
from surfaces.signature import Signature, parse
from surfaces.surface import ClassSurface, Surface


class Space:
    """One stand-in module and what its objects share.

    Attributes:
        module: what `import` finds.
        machine: the simulated device.
        integers: what an integer argument must be: Boost.Python takes no numpy integers.
    """

    def __init__(
        self, name: str, surface: Surface, machine: Machine, integers: type = SupportsIndex
    ) -> None:
        self.integers = integers
        self.module: Any = ModuleType(name)
        self.surface = surface
        self.machine = machine
        self.classes: dict[str, type] = {}

        self.before: Callable[[str], None] = lambda _: None

    @property
    def recording(self) -> Recording:
        """What was called so far."""
        return self.machine.recording

    def add_enumerations(self) -> None:
        """Make every class of the surface that has members."""
        for name, told in self.surface.classes.items():
            if told.members:
                self._place(name, _enumeration(name.rpartition(".")[2], told.members))

    def add_classes(self, behaviours: Mapping[str, type]) -> None:
        """Make the classes that have a behaviour, bases first."""
        for name, behaviour in behaviours.items():
            self._place(name, self._generate(name, behaviour))
        for name, kind in self.classes.items():
            if "." in name:
                self._place(name, kind)

    def add_functions(self, behaviour: type[Thing]) -> None:
        """Make the functions of the module, implemented by the methods of one object."""
        placed: type = types.new_class("Functions", (behaviour,))
        owner: Any = object.__new__(placed)
        placed._space = self  # type: ignore[attr-defined] # a Thing, which mypy cannot see
        for name, told in self.surface.functions.items():
            implemented = getattr(owner, name, None) or _not_implemented(name)
            setattr(self.module, name, self._checked(name, told, implemented))
        for name, meaning in self.surface.constants.items():
            kind, _, member = meaning.rpartition(".")
            setattr(self.module, name, self.classes[kind].__members__[member])  # type: ignore[attr-defined]

    def make(self, name: str, *args: Any) -> Any:
        """Return an object whose class users cannot construct."""
        kind = self.classes[name]
        made: Any = kind.__new__(kind, *args[: issubclass(kind, bytes)])
        made._begun = True
        made._begin(*args)
        return made

    def _place(self, name: str, kind: type) -> None:
        self.classes[name] = kind
        owner, _, own = name.rpartition(".")
        if not owner:
            setattr(self.module, own, kind)
        elif owner in self.classes:
            type.__setattr__(self.classes[owner], own, kind)

    def _generate(self, name: str, behaviour: type) -> type:
        told = self.surface.classes[name]
        base = (self.classes[told.base],) if told.base else ()
        known = set(told.names) | {known for kind in base for known in dir(kind)}
        members: dict[str, Any] = {
            "_space": self,
            "_kind": name,
            "_closed_class": True,
            "_writable": frozenset(told.writable),
            "__module__": self.module.__name__,
            "__init__": self._constructor(name, told.methods.get("__init__", ()), behaviour),
        }
        members |= {own: Missing(name, own) for own in _public(behaviour) if own not in known}
        members |= self._methods(name, told, behaviour)
        members |= self._attributes(told, behaviour)
        return type(behaviour)(name, (behaviour, *base), members)

    def _methods(self, name: str, told: ClassSurface, behaviour: type) -> dict[str, Any]:
        made = {}
        for method, signatures in told.methods.items():
            if method.startswith("__") and method != "__call__":
                continue  # Python's own protocols are the behaviour's
            full = f"{name}.{method}"
            implemented = self._implementation(name, method, behaviour)
            checked = self._checked(full, signatures, implemented)
            bound = not signatures or parse(signatures[0]).bound
            made[method] = checked if bound else staticmethod(checked)
        return made

    def _implementation(self, name: str, method: str, behaviour: type) -> Callable[..., Any]:
        found = inspect.getattr_static(behaviour, method, None)
        if isinstance(found, classmethod):  # of the class that is being made, which has a space
            return lambda *args: found.__func__(self.classes[name], *args)
        return getattr(behaviour, method, None) or _not_implemented(f"{name}.{method}")

    def _attributes(self, told: ClassSurface, behaviour: type) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, kind in told.attributes.items():
            found = self.classes.get(kind)
            if found is not None and issubclass(found, Number) and name in found.__members__:
                made[name] = found[name]
            elif inspect.getattr_static(behaviour, name, None) is None:
                made[name] = Stored(name, default(kind, self.classes))
        return made

    def _constructor(self, name: str, told: Sequence[str], behaviour: type) -> Callable[..., None]:
        def begin(thing: Any, *args: Any) -> None:
            vars(thing)["_begun"] = True
            behaviour._begin(thing, *args)  # type: ignore[attr-defined]

        if not told:
            return _no_constructor(name)
        return self._checked(name, told, begin, bound=True)

    def _checked(
        self,
        name: str,
        told: Sequence[str],
        implemented: Callable[..., Any],
        *,
        bound: bool | None = None,
    ) -> Callable[..., Any]:
        signatures = [parse(text) for text in told]
        bound = any(one.bound for one in signatures) if bound is None else bound

        def call(*args: Any, **kwargs: Any) -> Any:
            signature, given = self._arrange(name, signatures, args[bound:], kwargs)
            self.recording.add(name, given)
            self.before(name)
            if signature.anything:
                return implemented(*args, **kwargs)
            ordered, named = signature.order(given)
            return implemented(*args[:bound], *ordered, **named)

        return call

    def _arrange(
        self, name: str, signatures: list[Signature], args: Sequence[Any], kwargs: dict[str, Any]
    ) -> tuple[Signature, dict[str, Any]]:
        for signature in signatures:
            given = signature.arrange(args, kwargs)
            if given is not None and self._fits(signature, given):
                return signature, given
        told = " or ".join(signature.text for signature in signatures)
        raise TypeError(f"{name}{told}: incompatible arguments {args} {kwargs}")

    def _fits(self, signature: Signature, given: Mapping[str, Any]) -> bool:
        kinds = {parameter.name: parameter.kind for parameter in signature.parameters}
        return all(
            accepts(kinds.get(name, ""), value, self.classes, self.integers)
            for name, value in given.items()
        )


def _enumeration(name: str, members: Mapping[str, int]) -> type:
    make: Any = Number
    made: type = make(name, members)
    return made


def _public(behaviour: type) -> set[str]:
    return {name for name in dir(behaviour) if not name.startswith("_")}


def _not_implemented(name: str) -> Callable[..., NoReturn]:
    def call(*_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError(f"the stand-in does not do {name} yet")

    return call


def _no_constructor(name: str) -> Callable[..., NoReturn]:
    def call(*_: Any, **__: Any) -> NoReturn:
        raise TypeError(f"{name}: No constructor defined!")

    return call

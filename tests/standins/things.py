"""What all objects of the stand-ins have in common with those of real bindings."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

if TYPE_CHECKING:
    from standins.machine import Machine
    from standins.space import Space


class Number(enum.Enum):
    """An enumeration of the bindings: no `int`, but usable as an index."""

    def __int__(self) -> int:
        return int(self.value)

    __index__ = __int__


class Checked(type):
    """pybind11 refuses an object whose class overrides `__init__` and forgets the base's."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        made = super().__call__(*args, **kwargs)
        if not vars(made).get("_begun"):
            raise TypeError(f"{cls.__name__}.__init__() must be called when overriding __init__")
        return made


class Thing(metaclass=Checked):
    """Base of what behaves like a class of the bindings.

    A subclass implements methods and attributes by their real names, and keeps its own state in
    names with an underscore. `space.Space` makes the class that tests see from it and the surface:
    names that the real class lacks are hidden, and calls that do not fit raise TypeError.
    """

    _space: ClassVar[Space]
    _kind: ClassVar[str] = ""
    _writable: ClassVar[frozenset[str]] = frozenset()
    _closed_class: ClassVar[bool] = False

    _begin: ClassVar[Callable[..., None]] = lambda *_: None
    """Be constructed, with the arguments of the real constructor, or of its maker."""

    @property
    def _machine(self) -> Machine:
        return self._space.machine

    @property
    def _module(self) -> Any:
        return self._space.module

    def __setattr__(self, name: str, value: Any) -> None:
        # A subclass written in Python may have attributes of its own, one of the bindings not.
        closed = type(self).__dict__.get("_closed_class", False)
        if closed and not name.startswith("_") and name not in self._writable:
            raise AttributeError(f"{self._kind!r} object has no attribute {name!r} to set")
        if name in self._writable:
            self._space.recording.add(f"{self._kind}.{name}=", {"value": value})
        super().__setattr__(name, value)


class Missing:
    """Hides a name that the real class of this version lacks."""

    def __init__(self, kind: str, name: str) -> None:
        self._text = f"{kind!r} object has no attribute {name!r}"

    def __get__(self, thing: object, owner: type) -> NoReturn:
        raise AttributeError(self._text)


class Stored:
    """An attribute that holds what was last put there."""

    def __init__(self, name: str, default: Any) -> None:
        self._name = f"_{name}"
        self._default = default

    def __get__(self, thing: object, owner: type) -> Any:
        return self if thing is None else vars(thing).get(self._name, self._default)

    def __set__(self, thing: Any, value: Any) -> None:
        vars(thing)[self._name] = value

"""Every use that a source file makes of foreign modules."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from surfaces.inference import Known, Modules, Scope

ROUNDS = 2
"""A second one, since what one file keeps may come from what another does."""


@dataclass(frozen=True)
class Use:
    """One mention of a foreign name.

    Attributes:
        owner: on what; its `name` is empty for the module itself.
        positional: of a call, how many arguments have no name; -1 where a `*` hides it.
            Of a method that a class of ours overrides, how many it takes.
    """

    where: str
    owner: Known
    name: str
    how: Literal["read", "set", "called", "overridden", "asked"]
    positional: int = 0
    keywords: tuple[str, ...] = ()


@dataclass
class Finder(ast.NodeVisitor):
    """Walks through a file, function by function, and remembers what names stand for."""

    file: str
    scope: Scope
    uses: list[Use] = field(default_factory=list)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer = dict(self.scope.names)
        for argument in node.args.args + node.args.kwonlyargs:
            self.scope.names[argument.arg] = self._declared(argument)
        self.generic_visit(node)
        self.scope.names = outer

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for name in node.names:
            if (node.module, name.name) == ("pycuda", "driver"):
                self.scope.names["driver"] = self.scope.by_convention("driver")

    def visit_Import(self, node: ast.Import) -> None:
        for name in node.names:
            if name.name == "tensorrt":
                bound = name.asname or name.name
                self.scope.names[bound] = self.scope.by_convention("trt")

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for base in node.bases:
            known = self.scope.infer(base)
            if known is not None:
                self._overrides(node, known)
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._assign(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
            self._assign(node.target, node.value, untyped=_is_any(node.annotation))

    def visit_For(self, node: ast.For) -> None:
        for name in ast.walk(node.target):
            if isinstance(name, ast.Name):
                self.scope.names[name.id] = None
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute):
            self._call(node, node.func)
        else:
            self.visit(node.func)
            self._asked(node)
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
            self.visit(argument)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        owner = self.scope.infer(node.value)
        if owner is not None:
            how: Literal["read", "set"] = "read" if isinstance(node.ctx, ast.Load) else "set"
            self._add(node, owner, node.attr, how)
        self.visit(node.value)

    def _declared(self, argument: ast.arg) -> Known | None:
        return self.scope.by_convention(argument.arg) if _is_any(argument.annotation) else None

    def _assign(self, target: ast.expr, value: ast.expr, *, untyped: bool = False) -> None:
        if isinstance(target, ast.Tuple):
            values = value.elts if isinstance(value, ast.Tuple) else [value] * len(target.elts)
            for one, its in zip(target.elts, values, strict=True):
                self._assign(one, its)
        elif isinstance(target, ast.Name):
            found = self.scope.infer(value)
            self.scope.names[target.id] = found or self._unknown(target.id, value)
        else:
            self.visit(target)
            self._keep(target, value, untyped=untyped)

    def _keep(self, target: ast.expr, value: ast.expr, *, untyped: bool) -> None:
        """Remember what an attribute of an object of ours holds."""
        emptied = isinstance(value, ast.Constant) and value.value is None
        of_self = isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self"
        if isinstance(target, ast.Attribute) and of_self and not emptied:
            found = self.scope.infer(value)
            named = self.scope.by_convention(target.attr) if untyped else None
            self.scope.attributes[target.attr] = found or named

    def _unknown(self, name: str, value: ast.expr) -> Known | None:
        """A name that is given the result of a function of ours: by what we call it."""
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            made = value.func.id.lstrip("_")[:1].isupper()  # an object of a class of ours
            return None if made else self.scope.by_convention(name)
        return self.scope.by_convention(name) if isinstance(value, ast.Attribute) else None

    def _call(self, node: ast.Call, function: ast.Attribute) -> None:
        owner = self.scope.infer(function.value)
        if owner is not None:
            self._add(function, owner, function.attr, "called", node)
        self.visit(function.value)

    def _asked(self, node: ast.Call) -> None:
        """Remember `hasattr(trt, "name")`, whose name nothing else would check."""
        if ast.unparse(node.func) in ("hasattr", "getattr") and len(node.args) > 1:
            owner, name = self.scope.infer(node.args[0]), node.args[1]
            if owner is not None and isinstance(name, ast.Constant):
                where = f"{self.file}:{node.lineno}"
                self.uses.append(Use(where, owner, str(name.value), "asked"))

    def _overrides(self, node: ast.ClassDef, base: Known) -> None:
        for method in node.body:
            if isinstance(method, ast.FunctionDef) and method.name != "__init__":
                positional = len(method.args.args) - 1
                where = f"{self.file}:{method.lineno}"
                self.uses.append(Use(where, base, method.name, "overridden", positional))

    def _add(
        self,
        node: ast.Attribute,
        owner: Known,
        name: str,
        how: Literal["read", "set", "called"],
        call: ast.Call | None = None,
    ) -> None:
        where = f"{self.file}:{node.lineno}"
        arguments = call.args if call else []
        starred = any(isinstance(argument, ast.Starred) for argument in arguments)
        keywords = tuple(keyword.arg or "**" for keyword in call.keywords) if call else ()
        positional = -1 if starred else len(arguments)
        self.uses.append(Use(where, owner, name, how, positional, keywords))


def _is_any(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == "Any"


def find_uses(texts: Mapping[str, str], modules: Modules) -> list[Use]:
    """Return the uses of files, given as their texts by their names."""
    found: list[Use] = []
    elsewhere: dict[str, Known] = {}
    for _ in range(ROUNDS):
        finders = [_walk(text, file, modules, elsewhere) for file, text in texts.items()]
        for finder in finders:
            told = finder.scope.attributes.items()
            elsewhere.update({name: known for name, known in told if known is not None})
        found = [use for finder in finders for use in finder.uses]
    return found


def _walk(text: str, file: str, modules: Modules, elsewhere: Mapping[str, Known]) -> Finder:
    finder = Finder(file, Scope(modules, elsewhere=dict(elsewhere)))
    finder.visit(ast.parse(text))
    return finder

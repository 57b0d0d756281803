"""Statements of Python in JavaScript, around the expressions of :mod:`compgraph.codegen.expressions`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from .expressions import LIST, Expressions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Statements", "bindings", "indented"]


class Statements(Expressions):
    """The statements of one function, in JavaScript, a line each."""

    constant: frozenset[str] = frozenset()
    """The names that are assigned once, and outside of any block: they are declared where they are assigned."""

    def function(self, node: ast.FunctionDef | ast.Lambda, defaults: Sequence[str] | None = None) -> str:
        """The parameters and the body of a function: ``(x) {…}``."""
        around = self.constant
        self.scopes.append(self.translator.parameters_of(node.args, self))
        parameters = self.parameters(node.args, defaults)
        if isinstance(node, ast.Lambda):
            lines = [f"return {self.put(node.body)};"]
        else:
            given = set(self.scopes[-1])
            groups = [*bindings(node.body)]
            names = [name for group, _ in groups for name in group]
            self.translator.locals_of(names, node.body, self)
            once = {name for name in names if names.count(name) == 1} - given
            self.constant = frozenset(
                name for group, outside in groups if outside and once.issuperset(group) for name in group
            )
            declared = [name for name in dict.fromkeys(names) if name not in self.constant | given]
            first = [f"let {', '.join(self.scopes[-1][name].name for name in declared)};"] if declared else []
            lines = [*first, *self.block(node.body)]
        self.scopes.pop()
        self.constant = around
        return indented([f"({parameters}) {{", *lines, "}"])

    def block(self, body: Sequence[ast.stmt]) -> Iterator[str]:
        """The lines of some statements."""
        for node in body:
            method: Any = getattr(self, f"_do_{type(node).__name__.lower()}", None)
            if method is None:
                raise self.refuse(node)
            yield from method(node)

    def _do_return(self, node: ast.Return) -> Iterator[str]:
        yield f"return {self.put(node.value) if node.value else 'null'};"

    def _do_expr(self, node: ast.Expr) -> Iterator[str]:
        if not isinstance(node.value, ast.Constant):  # a docstring
            yield f"{self.put(node.value)};"

    def _do_pass(self, _: ast.Pass) -> Iterator[str]:
        yield from ()

    def _do_break(self, _: ast.Break) -> Iterator[str]:
        yield "break;"

    def _do_continue(self, _: ast.Continue) -> Iterator[str]:
        yield "continue;"

    # --- assignments -----------------------------------------------------------------------------------------------

    def _do_assign(self, node: ast.Assign) -> Iterator[str]:
        value, *others = [node.value, *reversed(node.targets[1:])]
        text = self.put(value)
        for target in others:
            text = f"{self.target(target)} = {text}"
        yield from self._assign(node.targets[0], text)

    def _do_annassign(self, node: ast.AnnAssign) -> Iterator[str]:
        if node.value is not None:
            yield from self._assign(node.target, self.put(node.value))

    def _assign(self, target: ast.expr, value: str) -> Iterator[str]:
        if isinstance(target, ast.Subscript):
            index = self.put(target.slice)
            yield f"{self.use('put')}({self.put(target.value)}, {index}, {value});"
            return
        names = [name.id for name in ast.walk(target) if isinstance(name, ast.Name)]
        declares = "const " if all(name in self.constant for name in names) else ""
        if isinstance(target, (ast.Tuple, ast.List)) and isinstance(target.elts[0], ast.Starred):
            yield from self._split_at_end(target.elts, value, declares)
        else:
            yield f"{declares}{self.target(target)} = {value};"

    def _split_at_end(self, targets: Sequence[ast.expr], value: str, declares: str) -> Iterator[str]:
        """``*first, last = value``: in JavaScript only the end can be a list of its own."""
        count = len(targets) - 1
        starred, *last = targets
        first = self.target(starred).removeprefix("...")
        ends = ", ".join(map(self.target, last))
        yield f"{declares}{first} = {value}.slice(0, -{count}), [{ends}] = {value}.slice(-{count});"

    def _do_augassign(self, node: ast.AugAssign) -> Iterator[str]:
        if isinstance(node.target, ast.Subscript):
            current = ast.Subscript(node.target.value, node.target.slice, ast.Load())
            yield from self._assign(node.target, self.binary(node.op, current, node.value)[0])
        elif isinstance(node.target, ast.Name):
            name = self.target(node.target)
            if self.kind(node.target) == LIST and isinstance(node.op, ast.Add):
                value = self.put(node.value)
                yield f"{name}.push(...({value}));"
            else:
                yield f"{name} = {self.binary(node.op, ast.Name(node.target.id), node.value)[0]};"
        else:
            raise self.refuse(node)

    def _do_functiondef(self, node: ast.FunctionDef) -> Iterator[str]:
        if node.decorator_list:
            raise self.refuse(node, "a decorator inside a function")
        name = self.target(ast.Name(node.name))
        declares = "const " if node.name in self.constant else ""
        yield f"{declares}{name} = {_as_arrow(self.function(node))};"

    # --- blocks ----------------------------------------------------------------------------------------------------

    def _do_if(self, node: ast.If) -> Iterator[str]:
        yield f"if ({self.test(node.test)}) {{"
        yield from self.block(node.body)
        if node.orelse:
            yield "} else {"
            yield from self.block(node.orelse)
        yield "}"

    def _do_while(self, node: ast.While) -> Iterator[str]:
        if node.orelse:
            raise self.refuse(node, "while … else")
        yield f"while ({self.test(node.test)}) {{"
        yield from self.block(node.body)
        yield "}"

    def _do_for(self, node: ast.For) -> Iterator[str]:
        if node.orelse:
            raise self.refuse(node, "for … else")
        yield f"for ({self.target(node.target)} of {self.put(node.iter)}) {{"
        yield from self.block(node.body)
        yield "}"

    def _do_try(self, node: ast.Try) -> Iterator[str]:
        if node.orelse or node.finalbody:
            raise self.refuse(node, "try with else or finally")
        yield "try {"
        yield from self.block(node.body)
        yield "} catch (error) {"
        start = ""
        for handler in node.handlers:
            kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
            if handler.name or None in kinds:
                raise self.refuse(handler, "an except that names the error, or no kind of it")
            tests = " || ".join(f"error instanceof {self.put(kind)}" for kind in kinds if kind is not None)
            yield f"{start}if ({tests}) {{"
            yield from self.block(handler.body)
            start = "} else "
        yield "} else {"
        yield "throw error;"
        yield "}"
        yield "}"


def indented(lines: Iterable[str]) -> str:
    """Lines of code, those in braces further in.

    >>> print(indented(["if (x) {", "y();", "}"]))
    if (x) {
      y();
    }
    """
    shown, depth = [], 0
    for line in "\n".join(lines).split("\n"):
        text = line.strip()
        depth -= text.startswith("}")
        shown.append("  " * depth + text)
        depth += text.endswith("{")
    return "\n".join(shown)


def _as_arrow(function: str) -> str:
    parameters, brace, body = function.partition(") {")
    return f"{parameters}) => {brace[2:]}{body}"


def bindings(body: Sequence[ast.stmt], *, outside: bool = True) -> Iterator[tuple[list[str], bool]]:
    """The names that each of some statements assigns, and whether it is an assignment outside of any block."""
    for node in body:
        if isinstance(node, ast.FunctionDef):
            yield [node.name], outside
            continue
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.For)):
            targets = [node.target]
        is_plain = outside and isinstance(node, (ast.Assign, ast.AnnAssign)) and len(targets) == 1
        for target in targets:
            names = [name for name in ast.walk(target) if isinstance(name, ast.Name)]
            yield [name.id for name in names if isinstance(name.ctx, ast.Store)], is_plain
        for inner in ("body", "orelse", "finalbody"):
            yield from bindings(getattr(node, inner, []), outside=False)
        for handler in getattr(node, "handlers", []):
            yield from bindings(handler.body, outside=False)

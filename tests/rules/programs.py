"""Random typed programs: expressions in the shapes that rules like, as plain data, and the points to try them at.

A program is a number, an input ``("x", k)``, or an op's name with programs as its arguments. A part that occurs
twice is the same object, and becomes one node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from compgraph.record import op_named
from tests.rules.judging import AXIS

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    Point = tuple[float, ...]

Program: TypeAlias = "float | tuple[Any, ...]"

FUNCTIONS = ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sinh", "cosh", "sigmoid", "log1p", "expm1", "abs",
             "atan", "softplus", "asinh", "erf", "erfc")  # fmt: skip
SYMBOLS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}
NUMBERS = (1.0, 1.0, 1.0, 2.0, 2.0, 0.5, -1.0, 3.0, 10.0, 0.1)


# --- writing them --------------------------------------------------------------------------------------------------


class Writer:
    """Writes random programs over so many inputs."""

    def __init__(self, chance: random.Random, count: int) -> None:
        self.chance, self.count = chance, count
        self.parts: list[Program] = []

    def program(self, depth: int) -> Program:
        """A program of at most about this depth that reads an input."""
        while True:
            self.parts = []
            found = self._part(depth)
            if any(part[0] == "x" for part in walk(found) if isinstance(part, tuple)):
                return found

    def _part(self, depth: int) -> Program:
        draw = self.chance.random()
        if depth <= 0 or draw < 0.12:
            return self._leaf()
        if self.parts and draw < 0.24:
            return self.chance.choice(self.parts)
        found = self._shape(depth) if draw < 0.62 else self._operation(depth)
        self.parts.append(found)
        return found

    def _leaf(self) -> Program:
        return ("x", self.chance.randrange(self.count)) if self.chance.random() < 0.8 else self._number()

    def _number(self) -> float:
        return self.chance.choice(NUMBERS)

    def _operation(self, depth: int) -> Program:
        if self.chance.random() < 0.4:
            return (self.chance.choice(FUNCTIONS), self._part(depth - 1))
        if self.chance.random() < 0.2:
            return ("pow", self._part(depth - 1), float(self.chance.choice((-2, -1, 2, 2, 3))))
        if self.chance.random() < 0.1:
            return ("neg", self._part(depth - 1))
        a, b = self._part(depth - 1), self._part(depth - 1)
        return ("add" if a is b else self.chance.choice(("add", "sub", "mul", "div")), a, b)

    def _shape(self, depth: int) -> Program:
        """Something that people type and rules know, over parts of any kind."""
        a = self._part(depth - 2)
        b = self._near(a) if self.chance.random() < 0.4 else self._part(depth - 2)
        if self.chance.random() < 0.25:
            f = self.chance.choice(("exp", "log", "sqrt", "sin", "cos", "tanh", "atan", "sigmoid", "softplus", "log1p"))
            return (self.chance.choice(("sub", "sub", "add", "div", "mul")), (f, a), (f, b))
        return self.chance.choice(SHAPES)(a, b, self._number())

    def _near(self, a: Program) -> Program:
        return self.chance.choice(NEAR)(a, self._leaf())


def _exp(a: Program) -> Program:
    return ("exp", a)


def _neg(a: Program) -> Program:
    return ("neg", a)


def _square(a: Program) -> Program:
    return ("pow", a, 2.0)


NEAR = (
    lambda a, h: ("add", a, h),
    lambda a, h: ("sub", a, h),
    lambda a, _: ("add", a, 1.0),
    lambda a, _: ("neg", a),
    lambda a, _: ("sub", 1.0, a),
    lambda a, _: ("mul", 2.0, a),
)
SHAPES = (
    lambda a, _, k: ("add", k, _exp(a)),
    lambda a, _, k: ("sub", k, _exp(_neg(a))),
    lambda a, b, _: ("add", _exp(a), _exp(b)),
    lambda a, b, _: ("sub", _exp(a), _exp(b)),
    lambda a, b, _: ("mul", _exp(a), _exp(b)),
    lambda a, _, __: ("div", 1.0, ("add", 1.0, _exp(_neg(a)))),
    lambda a, _, __: ("div", _exp(a), ("add", 1.0, _exp(a))),
    lambda a, b, _: ("div", _exp(a), ("add", _exp(a), _exp(b))),
    lambda a, b, _: ("log", ("add", _exp(a), _exp(b))),
    lambda a, _, __: ("log", ("add", 1.0, _exp(a))),
    lambda a, b, _: ("log", ("mul", a, b)),
    lambda a, b, _: ("log", ("div", a, b)),
    lambda a, b, k: ("log", ("mul", k, ("sigmoid", a))),
    lambda a, _, k: ("log", ("add", k, a)),
    lambda a, _, k: ("sub", k, ("sigmoid", a)),
    lambda a, _, __: ("mul", ("sigmoid", a), ("sub", 1.0, ("sigmoid", a))),
    lambda a, b, _: ("sub", ("log", ("add", 1.0, _exp(a))), ("mul", b, a)),
    lambda a, _, __: ("div", ("sub", _exp(a), 1.0), a),
    lambda a, _, k: ("sub", k, ("cos", a)),
    lambda a, _, __: ("div", ("sub", 1.0, ("cos", a)), _square(a)),
    lambda a, _, __: ("div", ("sin", a), a),
    lambda a, _, __: ("sub", a, ("sin", a)),
    lambda a, _, __: ("sub", 1.0, _square(("tanh", a))),
    lambda a, _, __: ("sqrt", _square(a)),
    lambda a, b, _: ("sqrt", ("add", _square(a), _square(b))),
    lambda a, b, _: ("sqrt", ("sub", _square(a), _square(b))),
    lambda a, _, k: ("sqrt", ("add", _square(a), k)),
    lambda a, _, k: ("sub", ("sqrt", ("add", _square(a), k)), a),
    lambda a, b, _: ("sub", _square(a), _square(b)),
    lambda a, b, _: ("sub", ("div", 1.0, a), ("div", 1.0, b)),
    lambda a, b, _: ("div", a, ("add", a, b)),
    lambda a, b, _: ("div", ("mul", a, b), ("add", a, b)),
    lambda a, _, __: ("mul", a, ("log", a)),
    lambda a, _, __: ("log", ("div", a, ("sub", 1.0, a))),
    lambda a, _, __: ("log", ("cosh", a)),
    lambda a, _, __: ("exp", ("div", _neg(_square(a)), 2.0)),
    lambda a, b, k: ("log", ("mul", k, ("exp", ("div", _neg(_square(("div", ("sub", a, b), k))), 2.0)))),
    lambda a, _, k: ("sub", ("pow", ("add", 1.0, a), k), 1.0),
    lambda a, _, k: ("sub", k, ("erf", a)),
)


# --- reading them --------------------------------------------------------------------------------------------------


def walk(program: Program) -> Iterator[Program]:
    """All parts, the whole first."""
    yield program
    if isinstance(program, tuple) and program[0] != "x":
        for part in program[1:]:
            yield from walk(part)


def size(program: Program) -> int:
    """How many different operations there are in it."""
    return len({id(part) for part in walk(program) if isinstance(part, tuple) and part[0] != "x"})


def function_of(program: Program) -> Any:
    """The function of its inputs that a program is, in any number system of the ops."""

    def function(*inputs: Any) -> Any:
        known: dict[int, Any] = {}

        def build(part: Program) -> Any:
            if not isinstance(part, tuple):
                return part
            if part[0] == "x":
                return inputs[part[1]]
            if id(part) not in known:
                known[id(part)] = op_named(part[0])(*[build(arg) for arg in part[1:]])
            return known[id(part)]

        return build(program)

    return function


def text(program: Program) -> str:
    """A program as one would type it."""
    if not isinstance(program, tuple):
        return f"{program:g}"
    name, *args = program
    if name == "x":
        return "xyz"[args[0]]
    if name == "neg":
        return f"-{_in_brackets(args[0])}"
    if name in SYMBOLS:
        return f"{_in_brackets(args[0])} {SYMBOLS[name]} {_in_brackets(args[1])}"
    return f"{name}({', '.join(map(text, args))})"


def _in_brackets(program: Program) -> str:
    written = text(program)
    is_operation = isinstance(program, tuple) and (program[0] in SYMBOLS or program[0] == "neg")
    return f"({written})" if is_operation or written.startswith("-") else written


def smaller(program: Program) -> Iterator[Program]:
    """Programs with one part less: a part in the place of the whole, an input or 1 in the place of a part."""
    if not isinstance(program, tuple) or program[0] == "x":
        return
    name, *args = program
    yield from (arg for arg in args if isinstance(arg, tuple))
    for index, arg in enumerate(args):
        for less in [*smaller(arg), *([("x", 0)] if isinstance(arg, tuple) and arg[0] != "x" else [])]:
            yield (name, *args[:index], less, *args[index + 1 :])


# --- where to try them ---------------------------------------------------------------------------------------------


def point(chance: random.Random, count: int) -> Point:
    """Mostly ordinary numbers, often close to one another, now and then one from far away."""
    numbers = [_number(chance) for _ in range(count)]
    for k in range(1, count):
        if chance.random() < 0.2:
            numbers[k] = numbers[k - 1] * (1 + chance.choice((0, 2**-52, -(2**-50), 1e-12, 1e-8, -1e-3)))
    return tuple(numbers)


def _number(chance: random.Random) -> float:
    draw = chance.random()
    if draw < 0.55:
        return chance.choice((round(chance.gauss(0, 2), 2), chance.gauss(0, 2)))
    if draw < 0.75:
        return chance.choice((-1, 1)) * 10 ** chance.uniform(-18, 3)
    if draw < 0.85:
        return chance.uniform(-800, 800)
    return chance.choice(AXIS) if draw < 0.95 else chance.choice((-1, 1)) * 10 ** chance.uniform(-305, 305)

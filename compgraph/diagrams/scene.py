"""Scene: what a diagram shows, as plain data. Printers (DOT, SVG, Mermaid, text) read a Scene and nothing else.

Its texts are those of a plain-text formula (``w1·x1``), names in it as ``text_name`` writes them; it knows neither
nodes nor a format. :mod:`~compgraph.diagrams.reading` reads it off a graph.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, get_args

from ..codegen.printer import text_name

__all__ = [
    "LEVELS",
    "NOT_COMPUTED",
    "ROLES",
    "Box",
    "Edge",
    "Fold",
    "Gradient",
    "Group",
    "Level",
    "Mark",
    "Role",
    "Scene",
]

Level = Literal["lecture", "ops", "collapsed"]
Role = Literal["data", "parameter", "constant", "inner", "output", "scope", "more"]
Fold = Literal["", "open", "close"]
Mark = Literal["", "old", "sum"]

#: What a picture can show, and what its boxes can be.
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
ROLES: Final[tuple[Role, ...]] = get_args(Role)

#: What stands for a gradient that no backward pass has made: no number, so never 0.
NOT_COMPUTED: Final = "not computed"


@dataclass(frozen=True, slots=True)
class Gradient:
    """The gradient of a box: ``dw1 = x1·dz = −1.226``.

    Attributes:
        name: ``dw1``.
        formula: The chain rule that gave it, for an input that one box reads and where it is short; else None.
        value: The number, as text; "?" where an input has no value, :data:`NOT_COMPUTED` where no backward pass came
            here.
        mark: "old" where an input has changed since; "sum" where several backward passes are added up, or where the
            gradient was set by hand; else "".
    """

    name: str
    formula: str | None
    value: str
    mark: Mark = ""

    @property
    def chain(self) -> str:
        """Everything before the number: ``dw1 = x1·dz``."""
        return f"{self.name} = {self.formula}" if self.formula else self.name

    @property
    def is_computed(self) -> bool:
        """Whether a backward pass came here."""
        return self.value != NOT_COMPUTED

    @property
    def remark(self) -> str:
        """What stands after the number: `` (old)``."""
        return f" ({self.mark})" if self.mark else ""

    def __str__(self) -> str:
        return f"{self.chain} = {self.value}{self.remark}"


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the picture.

    Attributes:
        id: Unique in the picture, and the same in every picture of the graph: letters and digits.
        name: What the node is called, free text; None for a constant that is only its number.
        role: Data and parameters are inputs; the output is a root that is computed; inner is everything between. A
            scope stands for all that is named below it, "more" for boxes that are left out.
        formula: What computes it; None for an input, a constant, a scope.
        value: Its value as text, "rounds to 1" where it is near 1 and not 1; None where an input below has none.
        gradient: None where the picture shows none.
        finite: Whether neither value nor gradient is inf or nan.
        twins: What is computed otherwise than its formula says, where that would be visibly wrong, and why.
        details: What else is told in the box, a line each: the inputs inside of it, what a scope holds.
        lost: How many of the sixteen digits its value has lost, where these are more than a few; else 0.
        fold: Whether it can be opened ("open"), or closed together with the operations around it ("close").
        is_on_path: Whether one of the paths leads through it that the picture shows.
    """

    id: str
    name: str | None
    role: Role
    formula: str | None
    value: str | None
    gradient: Gradient | None = None
    finite: bool = True
    twins: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    lost: int = 0
    fold: Fold = ""
    is_on_path: bool = False

    @property
    def computed(self) -> bool:
        """Whether a formula computes it, rather than a user or a plain number."""
        return self.formula is not None

    @property
    def has_value(self) -> bool:
        """Whether it stands for one number."""
        return self.role not in {"scope", "more"}

    @property
    def head(self) -> str:
        """What stands before the value, ``z = w·x``; empty for a plain number."""
        if self.role == "more":
            return self.name or ""
        return " = ".join(part for part in ("" if self.name is None else text_name(self.name), self.formula) if part)

    @property
    def number(self) -> str:
        """Its value, "?" where it has none yet; empty where it stands for more than one number."""
        return (self.value or "?") if self.has_value else ""

    @property
    def equation(self) -> str:
        """Head and number in one, ``z = w·x = 2``."""
        return " = ".join(part for part in (self.head, self.number) if part)

    @property
    def digits(self) -> str:
        """How many digits of its value are right; empty where nearly all are."""
        return f"{16 - self.lost} of 16 digits are right" if self.lost else ""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is told in the box under value and gradient, a line each."""
        return (*self.details, self.digits) if self.digits else self.details

    @property
    def kinds(self) -> tuple[str, ...]:
        """By what it is drawn: its role, and "nonfinite", "lossy" and "path" where they hold."""
        states = {"nonfinite": not self.finite, "lossy": self.lost > 0, "path": self.is_on_path}
        return (self.role, *(state for state, holds in states.items() if holds))

    def __str__(self) -> str:
        gradient = f", {self.gradient}" if self.gradient else ""
        return "; ".join([f"{self.equation}{gradient}", *self.remarks, *self.twins])


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from an argument to the box that reads it.

    Attributes:
        id: Unique in the picture, and the same wherever this box reads this argument.
        source: Id of the argument's box.
        target: Id of the box that reads it.
        position: Which argument of the target this is, from 0.
        local: The local derivative, ``∂a/∂z = a·(1 − a)``; None where it is not known or too long.
        slope: Its number, as text; None where it is not known.
        backward: Whether a gradient flows back here.
        labelled: Whether the local derivative is written beside it: between computed boxes, where there is room; beside
            an input its card says it.
        count: How many ways between two boxes it stands for.
        is_on_path: Whether it belongs to one of the paths that the picture shows.
    """

    id: str
    source: str
    target: str
    position: int
    local: str | None = None
    slope: str | None = None
    backward: bool = False
    labelled: bool = False
    count: int = 1
    is_on_path: bool = False

    @property
    def is_constant(self) -> bool:
        """Whether the local derivative is a number whatever the inputs are: ``∂r/∂d = 2``."""
        return re.fullmatch(r".* = −?[\d.]+", self.local or "") is not None

    @property
    def rule(self) -> str:
        """The local derivative with its number, ``∂a/∂z = a·(1 − a) = 0.25``; empty where it is not known."""
        if self.local is None:
            return ""
        known = self.slope is None or self.local.endswith(f" = {self.slope}")
        return self.local if known else f"{self.local} = {self.slope}"


@dataclass(frozen=True, slots=True)
class Group:
    """A frame around boxes: what was opened.

    Attributes:
        id: Unique in the picture; that of the box which it is when it is closed.
        name: What is written at it.
        boxes: Ids of the boxes inside.
    """

    id: str
    name: str
    boxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole picture.

    Attributes:
        root: What the output is called.
        level: "lecture": a box for every named node; "ops": a box for every operation; "collapsed": a box for every
            scope, and for every named node that is in none and not an input.
        boxes: Arguments before the boxes that read them.
        edges: In the order of the boxes that read, and of their arguments.
        notes: What a reader must know of these numbers, a sentence each.
        groups: Frames.
        paths: The paths that the picture shows, and their sum: a line of text each.
    """

    root: str
    level: Level
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    notes: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    paths: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """What stands under the picture: paths, then notes, a line of text or a sentence each."""
        return (*self.paths, *self.notes)

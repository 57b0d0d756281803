"""Scene to a picture of characters: boxes in columns from the inputs to the root, with wires between them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .cells import cells, padded, split, wrapped
from .text_wires import Net, route

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .scene import Box, Scene

__all__ = ["picture"]

# In how many cells the text of a box is set: the first that fits.
_LIMITS = (36, 28, 24, 20, 18, 16, 14, 12)

# A picture of more rows does not fit a screen.
_MOST_ROWS = 44

_FRAMES = {"plain": "┌─┐│└┘", "path": "┏━┓┃┗┛", "alarm": "╔═╗║╚╝", "more": "┌╌┐╎└┘"}


@dataclass
class _Item:
    """A box, or a wire that passes through a column.

    Attributes:
        box: None for a wire.
        lines: The text in the box.
        value: In which of its rows the value leaves it.
        gradient: In which of its rows the gradient reaches it.
        ports: In which of its rows others reach it, by the key of their net.
        top: The row of its upper edge.
    """

    box: Box | None
    lines: list[str] = field(default_factory=lambda: [""])
    value: int = 0
    gradient: int = 0
    ports: dict[_Key, int] = field(default_factory=dict)
    top: float = 0.0

    @property
    def edge(self) -> int:
        return 0 if self.box is None else 1

    @property
    def height(self) -> int:
        return len(self.lines) + 2 * self.edge

    @property
    def width(self) -> int:
        return 0 if self.box is None else max(map(cells, self.lines)) + 4

    def row(self, line: int) -> int:
        """The row of the picture in which one of its lines is."""
        return round(self.top) + self.edge + line


# What a net is known by: where it goes, in how many edges each, and whether gradients come back by it.
_Key = tuple[tuple[tuple[int, int], ...], bool]

# How many edges lead from one item to another, and by how many of them gradients come back.
_Ways = dict[tuple[int, int], tuple[int, int]]


def picture(scene: Scene, width: int) -> list[str] | None:
    """The lines of the picture; None where it is too large, or its wires could not be told apart.

    >>> from .scene import Box, Edge, Scene
    >>> w, z = Box("b0", "w", "parameter", None, "2"), Box("b1", "z", "output", "w^2", "4")
    >>> print(*picture(Scene("z", "lecture", (w, z), (Edge("b1x0", "b0", "b1", 0),)), 40), sep="\\n")
    ┌───────┐   ┌─────────────┐
    │ w = 2 │──▶│ z = w^2 = 4 │
    └───────┘   └─────────────┘
    """
    if sum(box.computed or not box.has_value for box in scene.boxes) * 3 + len(scene.boxes) > 2 * _MOST_ROWS:
        return None
    for limit in _LIMITS:
        lines = _Layout(scene, limit).draw(width)
        if lines is not None:
            return lines
    return None


class _Layout:
    """Boxes whose text is set in so many cells: their columns, their order, their places."""

    def __init__(self, scene: Scene, limit: int) -> None:
        self._items = [_Item(box, *_card(box, limit)) for box in scene.boxes]
        number = {box.id: index for index, box in enumerate(scene.boxes)}
        ways: dict[tuple[int, int], list[bool]] = defaultdict(list)
        for edge in scene.edges:
            ways[number[edge.source], number[edge.target]] += [edge.backward] * edge.count
        self._ways: _Ways = {}
        self._columns = self._in_columns(ways)
        self._order()
        self._nets = [self._nets_from(column) for column in self._columns[:-1]]
        self._place()

    def draw(self, width: int) -> list[str] | None:
        """The picture, where it is no wider and not too high."""
        gutters = []
        for nets in self._nets:
            routed = route([self._net(key, sources) for key, sources in nets.items()])
            if routed is None:
                return None
            gutters.append(routed)
        widths = [max(self._items[index].width for index in column) for column in self._columns]
        height = max(item.row(len(item.lines) - 1) + item.edge for item in self._items) + 1
        if sum(widths) + sum(gutter for gutter, _ in gutters) > width or height > _MOST_ROWS:
            return None
        canvas = [[" "] * (sum(widths) + sum(gutter for gutter, _ in gutters)) for _ in range(height)]
        left = 0
        for column, wide, (gutter, wires) in zip(self._columns, widths, [*gutters, (0, {})], strict=True):
            for index in column:
                self._draw_item(canvas, self._items[index], left, wide)
            for (row, place), sign in wires.items():
                canvas[row][left + wide + place] = sign
            left += wide + gutter
        return ["".join(row).rstrip() for row in canvas]

    def _net(self, key: _Key, sources: Sequence[int]) -> Net:
        counts, is_back = key
        left = {self._out(source, is_back=is_back): self._items[source] for source in sources}
        right = {target: self._items[target].row(self._items[target].ports[key]) for target, _ in counts}
        passing = (
            frozenset(row for row, item in left.items() if item.box is None),
            frozenset(row for target, row in right.items() if self._items[target].box is None),
        )
        return Net(list(left), {right[target]: count for target, count in counts}, is_back, passing)

    def _out(self, index: int, *, is_back: bool) -> int:
        item = self._items[index]
        return item.row(item.gradient if is_back else item.value)

    def _draw_item(self, canvas: list[list[str]], item: _Item, left: int, width: int) -> None:
        if item.box is None:
            for line in {item.value, item.gradient}:
                sign = "─" if line == item.value else "┄"
                canvas[item.row(line)][left : left + width] = [sign] * width
            return
        for row, line in enumerate(_framed(item, width), start=item.row(-1)):
            canvas[row][left : left + width] = split(line)

    # --- columns ---------------------------------------------------------------------------------------------------

    def _in_columns(self, ways: Mapping[tuple[int, int], Sequence[bool]]) -> list[list[int]]:
        """Each box one column before the first that reads it; a wire in every column that an edge passes."""
        distance = [0] * len(self._items)
        for source, target in sorted(ways, reverse=True):  # boxes stand after their arguments
            distance[source] = max(distance[source], distance[target] + 1)
        columns: list[list[int]] = [[] for _ in range(max(distance) + 1)]
        for index, far in enumerate(distance):
            columns[far].append(index)
        passing: dict[tuple[int, int, bool], int] = {}
        for (source, target), backs in ways.items():
            count, here = (len(backs), sum(backs)), source
            # Ways of one source that go on equally share a wire, until they part.
            for far in range(distance[source] - 1, distance[target], -1):
                key = (source, far, count[1] > 0)
                if count != (1, count[1] > 0) or key not in passing:
                    item = _Item(None, [""] * (2 if count[1] else 1), 0, 1 if count[1] else 0)
                    self._items.append(item)
                    columns[far].append(len(self._items) - 1)
                    passing[key] = len(self._items) - 1
                self._ways[here, passing[key]] = (1, min(1, count[1]))
                here = passing[key]
            self._ways[here, target] = count
        return columns[::-1]

    def _order(self) -> None:
        """Each column in the order of the boxes that read it, and of their arguments."""
        place = {index: float(at) for at, index in enumerate(self._columns[-1])}
        readers: dict[int, list[int]] = defaultdict(list)
        for source, target in self._ways:
            readers[source].append(target)
        position = {way: at for at, way in enumerate(self._ways)}
        for column in self._columns[-2::-1]:

            def key(index: int) -> tuple[float, int]:
                ahead = [place[reader] for reader in readers[index]]
                return sum(ahead) / len(ahead), min(position[index, reader] for reader in readers[index])

            column.sort(key=key)
            place |= {index: float(at) for at, index in enumerate(column)}

    # --- ports -----------------------------------------------------------------------------------------------------

    def _nets_from(self, column: Iterable[int]) -> dict[_Key, list[int]]:
        """The nets behind a column; sources that go to the same places share one. Each gets a row of its targets."""
        nets: dict[_Key, list[int]] = defaultdict(list)
        for source in column:
            ways = {target: ways for (one, target), ways in self._ways.items() if one == source}
            forward = tuple((target, count) for target, (count, _) in sorted(ways.items()))
            backward = tuple((target, count) for target, (_, count) in sorted(ways.items()) if count)
            nets[forward, False].append(source)
            if backward:
                nets[backward, True].append(source)
        for key in sorted(nets, key=lambda key: (len(key[0]), key[1])):
            for target, _ in key[0]:
                _add_port(self._items[target], key)
        return nets

    # --- rows ------------------------------------------------------------------------------------------------------

    def _place(self) -> None:
        """Each box beside the middle of what it reads, and under the one before it in its column."""
        sources: dict[int, list[int]] = defaultdict(list)
        for source, target in self._ways:
            sources[target].append(source)
        for column in self._columns:
            self._place_column([self._items[index] for index in column], [self._wish(index, sources) for index in column])
        top = min(item.top for item in self._items)
        for item in self._items:
            item.top = round(item.top - top)

    def _wish(self, index: int, sources: Mapping[int, Sequence[int]]) -> float | None:
        rows = [self._out(source, is_back=False) for source in sources[index]]
        item = self._items[index]
        return (min(rows) + max(rows)) // 2 - item.value - item.edge if rows else None

    def _place_column(self, column: Sequence[_Item], wishes: Sequence[float | None]) -> None:
        first = next((at for at, wish in enumerate(wishes) if wish is not None), 0)
        top = wishes[first] or 0.0
        for item in reversed(column[:first]):
            top -= item.height
            item.top = top
        bottom = -float("inf")
        for item, wish in list(zip(column, wishes, strict=True))[first:]:
            item.top = max(bottom, wish) if wish is not None else max(bottom, top)
            bottom = item.top + item.height


def _add_port(item: _Item, key: _Key) -> None:
    """Give a net a row of the box that it reaches: that of the value, or of the gradient, or else a free one."""
    taken = set(item.ports.values())
    wanted = item.gradient if key[1] else item.value
    free = [wanted, *range(len(item.lines))] if item.box else [wanted]
    row = next((row for row in free if row not in taken), len(item.lines))
    if row == len(item.lines):
        item.lines.append("")
    item.ports[key] = row


def _card(box: Box, limit: int) -> tuple[list[str], int, int]:
    """The text of a box, in which row its value stands, and in which its gradient."""
    value = (box.value or "?") if box.has_value else ""
    lines = wrapped(" = ".join(part for part in (box.head, value) if part), limit)
    at = len(lines) - 1
    if box.gradient is not None:
        lines += wrapped(str(box.gradient), limit)
    gradient = len(lines) - 1 if box.gradient is not None else at + 1
    lost = (f"{16 - box.lost} of 16 digits are right",) if box.lost else ()
    lines += [line for detail in (*box.details, *lost) for line in wrapped(detail, limit)]
    return lines, at, gradient


def _framed(item: _Item, width: int) -> Iterator[str]:
    """A box with its frame."""
    box = item.box
    assert box is not None
    alarm = "alarm" if box.lost or not box.finite else ""
    kind = alarm or ("path" if box.is_on_path else "") or ("more" if box.role == "more" else "plain")
    upper_left, level, upper_right, upright, lower_left, lower_right = _FRAMES[kind]
    yield f"{upper_left}{level * (width - 2)}{upper_right}"
    for line in item.lines:
        yield f"{upright} {padded(line, width - 3)}{upright}"
    yield f"{lower_left}{level * (width - 2)}{lower_right}"

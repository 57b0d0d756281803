"""Scene to a picture of characters: boxes in columns from the inputs to the root, with wires between them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .style import cut
from .text_cells import cells, padded, split, wrapped
from .text_wires import Net, route

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .scene import Box, Scene

__all__ = ["picture", "told"]

# In how many cells the text of a box is set: the first that fits.
_LIMITS = (36, 28, 24, 20, 18, 16, 14, 12)

# What is larger does not fit a screen; what a column takes at least, with the wires behind it.
_MOST_BOXES, _MOST_ROWS, _COLUMN = 40, 44, 8

_FRAMES = {"plain": "┌─┐│└┘", "path": "┏━┓┃┗┛", "alarm": "╔═╗║╚╝", "more": "┌╌┐╎└┘"}


# What a net is known by: where it goes, in how many edges each, and whether gradients come back by it.
_Key = tuple[tuple[tuple[int, int], ...], bool]

# How many edges lead from one item to another, and by how many of them gradients come back.
_Ways = dict[tuple[int, int], tuple[int, int]]


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
    def frame(self) -> int:
        """How thick its frame is."""
        return 0 if self.box is None else 1

    @property
    def height(self) -> int:
        return len(self.lines) + 2 * self.frame

    @property
    def width(self) -> int:
        return 0 if self.box is None else max(map(cells, self.lines)) + 4

    def row(self, line: int) -> int:
        """The row of the picture in which one of its lines is."""
        return round(self.top) + self.frame + line


def picture(scene: Scene, width: int) -> list[str] | None:
    r"""The lines of the picture; None where it is too large, or its wires could not be told apart.

    >>> from .scene import Box, Edge, Scene
    >>> w, z = Box("b0", "w", "parameter", None, "2"), Box("b1", "z", "output", "w^2", "4")
    >>> print(*picture(Scene("z", "lecture", (w, z), (Edge("b1x0", "b0", "b1", 0),)), 40), sep="\n")
    ┌───────┐   ┌─────────────┐
    │ w = 2 │──▶│ z = w^2 = 4 │
    └───────┘   └─────────────┘
    """
    distance = _distances(scene)
    if len(scene.boxes) > _MOST_BOXES or max(distance.values()) * _COLUMN + 5 > width:
        return None
    for limit in _LIMITS:
        lines = _Layout(scene, distance, limit).draw(width)
        if lines is not None:
            return lines
    return None


def _distances(scene: Scene) -> dict[str, int]:
    """How many columns before the last each box stands, by its id: one more than the farthest box that reads it."""
    distance = dict.fromkeys((box.id for box in scene.boxes), 0)
    readers: dict[str, list[str]] = defaultdict(list)
    for edge in scene.edges:
        readers[edge.source].append(edge.target)
    for box in reversed(distance):  # boxes stand after their arguments
        distance[box] = max((distance[reader] + 1 for reader in readers[box]), default=0)
    return distance


class _Layout:
    """Boxes whose text is set in so many cells: their columns, their order, their places."""

    def __init__(self, scene: Scene, distance: Mapping[str, int], limit: int) -> None:
        self._items = [_Item(box, *_card(box, limit)) for box in scene.boxes]
        number = {box.id: index for index, box in enumerate(scene.boxes)}
        ways: dict[tuple[int, int], list[bool]] = defaultdict(list)
        for edge in scene.edges:
            ways[number[edge.source], number[edge.target]] += [edge.backward] * edge.count
        self._ways: _Ways = {}
        self._columns = self._in_columns(ways, [distance[box.id] for box in scene.boxes])
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
        height = max(item.row(len(item.lines) - 1) + item.frame for item in self._items) + 1
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
            for line, sign in {item.gradient: "┄", item.value: "─"}.items():
                canvas[item.row(line)][left : left + width] = [sign] * width
            return
        for row, text in enumerate(_framed(item.box, item.lines, width), start=item.row(-1)):
            canvas[row][left : left + width] = split(text)

    # --- columns ---------------------------------------------------------------------------------------------------

    def _in_columns(self, ways: Mapping[tuple[int, int], Sequence[bool]], distance: Sequence[int]) -> list[list[int]]:
        """The boxes and, in every column that an edge passes, a wire."""
        columns: list[list[int]] = [[] for _ in range(max(distance) + 1)]
        for index, far in enumerate(distance):
            columns[far].append(index)
        passing: dict[tuple[int, int, bool], int] = {}
        for (source, target), backs in ways.items():
            count, here = (len(backs), sum(backs)), source
            for far in range(distance[source] - 1, distance[target], -1):
                key = (source, far, any(backs))  # edges of one source share a wire until they part
                if key not in passing:
                    passing[key] = len(self._items)
                    columns[far].append(len(self._items))
                    self._items.append(_Item(None, [""] * (1 + any(backs)), 0, int(any(backs))))
                self._ways[here, passing[key]] = (1, int(any(backs)))
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
            keys = {
                index: (
                    sum(place[reader] for reader in readers[index]) / len(readers[index]),
                    min(position[index, reader] for reader in readers[index]),
                )
                for index in column
            }
            column.sort(key=keys.__getitem__)
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
            self._place_column(
                [self._items[index] for index in column], [self._wish(index, sources) for index in column]
            )
        top = min(item.top for item in self._items)
        for item in self._items:
            item.top = round(item.top - top)

    def _wish(self, index: int, sources: Mapping[int, Sequence[int]]) -> float | None:
        rows = [self._out(source, is_back=False) for source in sources[index]]
        item = self._items[index]
        return (min(rows) + max(rows)) // 2 - item.value - item.frame if rows else None

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
    head, gradient, *details = told(box)
    lines = wrapped(head, limit)
    at = len(lines) - 1
    lines += wrapped(gradient, limit) if gradient else []
    back = len(lines) - 1 if gradient else at + 1
    lines += [line for detail in details for line in wrapped(detail, limit)]
    return lines, at, back


def told(box: Box) -> list[str]:
    """What is told of a box: with its value, its gradient or an empty text, and the details. Of long names a part.

    >>> from .scene import Box
    >>> told(Box("b1", "z", "output", "w^2", "4", details=("inside: w",)))
    ['z = w^2 = 4', '', 'inside: w']
    """
    head = " = ".join(part for part in (cut(box.head), box.number) if part)
    gradient = ""
    if box.gradient is not None:
        gradient = f"{cut(box.gradient.chain)} = {box.gradient.value}{box.gradient.remark}"
    return [head, gradient, *map(cut, box.remarks)]


def _framed(box: Box, lines: Iterable[str], width: int) -> Iterator[str]:
    alarm = "alarm" if box.lost or not box.finite else ""
    kind = alarm or ("path" if box.is_on_path else "") or ("more" if box.role == "more" else "plain")
    upper_left, level, upper_right, upright, lower_left, lower_right = tuple(_FRAMES[kind])
    yield f"{upper_left}{level * (width - 2)}{upper_right}"
    for line in lines:
        yield f"{upright} {padded(line, width - 3)}{upright}"
    yield f"{lower_left}{level * (width - 2)}{lower_right}"

"""Where things stand: card sizes from a scene, positions from Graphviz, roads between the cards.

Graphviz is given empty boxes of fixed sizes and says where they stand; text, ports and curves are ours, so that the
picture does not depend on the fonts or the version that Graphviz has.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from .layout import Diagram, render

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .scene import Edge, Scene

__all__ = ["Label", "Place", "Plan", "Point", "arrange", "effort"]

# Least and greatest distance of ports along a side of a card, and of the outermost from its corner.
_APART, _WIDEST, _CORNER = 13.0, 22.0, 14.0

# Larger pictures may take this long, in seconds; smaller ones are a matter of milliseconds.
_SECONDS, _UNLIMITED = 30.0, 60
# Above so many boxes Graphviz takes fewer rounds to untangle: with long edges its time grows with the cube of the size.
_MOST_CAREFUL = 60
_ROUGHER = {"nslimit": "0.5", "nslimit1": "0.5", "mclimit": "0.1"}
# Above so many it does not bend the edges around the boxes either, which would take it longer than all the rest.
_MOST_BENT = 250
_ROUGHEST = {"nslimit": "0.1", "nslimit1": "0.1", "mclimit": "0.05", "splines": "line"}


class Point(NamedTuple):
    """A place in the picture, in CSS pixels from its upper left corner."""

    x: float
    y: float


class Place(NamedTuple):
    """Where a card stands: its centre and its size."""

    x: float
    y: float
    width: float
    height: float


class Label(NamedTuple):
    """Room that an edge keeps free for its label: size, and the centre once it is known."""

    width: float
    height: float
    x: float = 0.0
    y: float = 0.0


class Plan(NamedTuple):
    """Everything's place.

    A road leads through its points and is horizontal in each of them; between two that differ in height it turns where
    its bend says, as a fraction of the distance, so that roads to one card lie beside each other.
    """

    width: float
    height: float
    cards: dict[str, Place]
    frames: dict[str, Place]
    labels: dict[str, Label]
    roads: dict[str, tuple[Point, ...]]
    bends: dict[str, float]


def arrange(scene: Scene, sizes: dict[str, tuple[float, float]], labels: dict[str, Label]) -> Plan:
    """Lay a scene out.

    Args:
        scene: What is drawn.
        sizes: Width and height of every box, in CSS pixels; boxes grow where their ports need it.
        labels: Room for the labels of some edges, by edge id.

    Raises:
        DiagramError: There is no Graphviz here at all, or the layout takes too long.
    """
    readers, users = _grouped(scene.edges, "target"), _grouped(scene.edges, "source")
    ports = {box.id: max(len(readers.get(box.id, ())), len(users.get(box.id, ()))) for box in scene.boxes}
    least = {key: 2 * _CORNER + (count - 1) * _APART for key, count in ports.items()}
    room = {key: (width, max(height, least[key])) for key, (width, height) in sizes.items()}
    limit = _SECONDS if len(scene.boxes) > _UNLIMITED else None
    layout = json.loads(render(_skeleton(scene, room, labels, users), "json0", seconds=limit))
    width, height = (float(number) for number in layout["bb"].split(",")[2:])
    at = {entry["name"]: _point(entry["pos"], height) for entry in layout["objects"] if "pos" in entry}
    frames = {
        entry["name"].removeprefix("cluster_"): _frame(entry["bb"], height)
        for entry in layout["objects"]
        if entry["name"].startswith("cluster_")
    }
    cards = {box.id: Place(*at[box.id], *room[box.id]) for box in scene.boxes}
    rooms = {key: label._replace(x=at[f"l{key}"].x, y=at[f"l{key}"].y) for key, label in labels.items()}
    splines = {entry["id"]: _spline(entry["pos"], height) for entry in layout.get("edges", ())}
    parts = {
        edge.id: [splines[f"{edge.id}a"], [Point(*rooms[edge.id][2:])], splines[f"{edge.id}b"]]
        if edge.id in rooms
        else [splines[edge.id]]
        for edge in scene.edges
    }
    columns = _columns([*cards.values(), *(Place(label.x, label.y, *label[:2]) for label in rooms.values())])
    ways = {edge.id: _way(edge, cards, parts[edge.id], columns) for edge in scene.edges}
    roads = _roads(scene, cards, ways, columns)
    return Plan(width, height, cards, frames, rooms, roads, _bends(roads, readers, users))


def _grouped(edges: Iterable[Edge], end: str) -> dict[str, list[Edge]]:
    groups: dict[str, list[Edge]] = {}
    for edge in edges:
        groups.setdefault(getattr(edge, end), []).append(edge)
    return groups


def _point(position: str, height: float) -> Point:
    """Graphviz counts upwards."""
    x, y = map(float, position.split(","))
    return Point(round(x, 2), round(height - y, 2))


def _frame(corners: str, height: float) -> Place:
    left, low, right, high = map(float, corners.split(","))
    return Place((left + right) / 2, height - (low + high) / 2, right - left, high - low)


def _spline(position: str, height: float) -> list[Point]:
    """The control points of a B-spline, three for each piece and one at the start; the arrow's tip is left out."""
    return [_point(pair, height) for pair in position.removeprefix("e,").split(" ")[1:]]


def effort(scene: Scene) -> dict[str, str]:
    """Graphviz's settings for how long it tries to untangle a picture of this size."""
    if len(scene.boxes) > _MOST_BENT:
        return _ROUGHEST
    return _ROUGHER if len(scene.boxes) > _MOST_CAREFUL else {}


def _skeleton(
    scene: Scene, room: dict[str, tuple[float, float]], labels: dict[str, Label], users: dict[str, list[Edge]]
) -> str:
    """The graph for Graphviz. A label is a box of its own, for which all other edges become twice as long."""
    nodesep, ranksep = ("0.2", 0.8) if scene.level == "lecture" else ("0.15", 0.5)
    diagram = Diagram(
        graph_attr={
            "rankdir": "LR",
            "nodesep": nodesep,
            "ranksep": f"{0.45 * ranksep if labels else ranksep:g}",
            **effort(scene),
        },
        node_attr={"shape": "box", "fixedsize": "true", "label": ""},
    )

    def add(name: str, width: float, height: float, ordering: str = "") -> None:
        diagram.node(name, width=f"{width / 72:.4f}", height=f"{height / 72:.4f}", ordering=ordering or None)

    inner = {box.id for box in scene.boxes if box.formula is not None}
    shared = {edge.target for edges in users.values() if len(edges) > 1 for edge in edges}
    for box in scene.boxes:  # arguments of one reader only stand in the order of its formula
        add(box.id, *room[box.id], "" if box.id in shared else "in")
    for group in scene.groups:
        with diagram.subgraph(name=f"cluster_{group.id}", graph_attr={"label": " ", "margin": "14"}) as frame:
            for member in group.boxes:
                frame.node(member)
    for edge in scene.edges:
        weight = "3" if edge.source in inner else "1"
        if edge.id in labels:
            add(f"l{edge.id}", *labels[edge.id][:2])
            diagram.edge(edge.source, f"l{edge.id}", id=f"{edge.id}a", weight=weight)
            diagram.edge(f"l{edge.id}", edge.target, id=f"{edge.id}b", weight=weight)
        else:
            diagram.edge(edge.source, edge.target, id=edge.id, weight=weight, minlen="2" if labels else "1")
    return str(diagram.source)


# --- roads ---------------------------------------------------------------------------------------------------------


class _Column(NamedTuple):
    """The cards of one rank, from the left to the right of the widest."""

    left: float
    right: float


def _columns(places: Iterable[Place]) -> dict[float, _Column]:
    """Columns by the centre that their cards share, from left to right."""
    found: dict[float, _Column] = {}
    for x, _, width, _ in sorted(places):
        left, right = found.get(x, (x, x))
        found[x] = _Column(min(left, x - width / 2), max(right, x + width / 2))
    return found


def _way(
    edge: Edge, cards: dict[str, Place], parts: Sequence[list[Point]], columns: dict[float, _Column]
) -> list[tuple[_Column, float]]:
    """The columns that an edge crosses, each with the height at which Graphviz found it free."""
    start, end = cards[edge.source].x, cards[edge.target].x
    return [(column, _height_at(parts, x)) for x, column in columns.items() if start < x < end]


def _height_at(parts: Sequence[list[Point]], x: float) -> float:
    """Height of the part that lies over x: a B-spline that runs to the right, or a single point."""
    part = min(parts, key=lambda part: max(part[0].x - x, x - part[-1].x, 0.0))
    pieces = [part[first : first + 4] for first in range(0, len(part) - 1, 3)]
    piece = next((piece for piece in pieces if piece[-1].x >= x), part[-1:])
    if len(piece) == 1:
        return piece[0].y
    low, high = 0.0, 1.0
    for _ in range(24):
        middle = (low + high) / 2
        low, high = (middle, high) if _cubic([point.x for point in piece], middle) < x else (low, middle)
    return round(_cubic([point.y for point in piece], low), 2)


def _cubic(controls: Sequence[float], t: float) -> float:
    a, b, c, d = controls
    s = 1 - t
    return s * s * s * a + 3 * s * s * t * b + 3 * s * t * t * c + t * t * t * d


def _roads(
    scene: Scene,
    cards: dict[str, Place],
    ways: dict[str, list[tuple[_Column, float]]],
    columns: dict[float, _Column],
) -> dict[str, tuple[Point, ...]]:
    """From port to port: straight through columns, bending only between them, so that no road crosses a card."""
    first = {edge.id: ways[edge.id][0][1] if ways[edge.id] else cards[edge.target].y for edge in scene.edges}
    leave = _ports(_grouped(scene.edges, "source"), cards, first, set())
    last = {edge.id: ways[edge.id][-1][1] if ways[edge.id] else leave[edge.id] for edge in scene.edges}
    main = {box.id for box in scene.boxes if box.formula is not None}
    enter = _ports(_grouped(scene.edges, "target"), cards, last, {e.id for e in scene.edges if e.source in main})
    roads = {}
    for edge in scene.edges:
        source, target = cards[edge.source], cards[edge.target]
        y, end = leave[edge.id], enter[edge.id]
        points = [Point(source.x + source.width / 2, y), Point(columns[source.x].right, y)]
        for column, height in ways[edge.id]:
            points += [Point(column.left, height), Point(column.right, height)]
        points += [Point(columns[target.x].left, end), Point(target.x - target.width / 2, end)]
        roads[edge.id] = tuple(points)
    return roads


def _ports(
    groups: dict[str, list[Edge]], cards: dict[str, Place], aims: dict[str, float], main: set[str]
) -> dict[str, float]:
    """Heights of the ports on one side of the cards, in the order of what they lead to.

    A main edge, or one that is alone, runs straight where the card is tall enough for it.
    """
    found: dict[str, float] = {}
    for card, edges in groups.items():
        _, y, _, height = cards[card]
        ordered = sorted(edges, key=lambda edge: (aims[edge.id], edge.position))
        gaps = len(ordered) - 1
        apart = min(_WIDEST, (height - 2 * _CORNER) / max(1, gaps))
        ports = [y + (index - gaps / 2) * apart for index in range(len(ordered))]
        straight = [aims[edge.id] - port for edge, port in zip(ordered, ports, strict=True) if edge.id in main]
        slack = height / 2 - _CORNER - apart * gaps / 2
        shift = min(straight, key=abs, default=0.0)
        shift = max(-slack, min(slack, shift))
        found |= {edge.id: round(port + shift, 2) for edge, port in zip(ordered, ports, strict=True)}
    return found


def _bends(
    roads: dict[str, tuple[Point, ...]], readers: dict[str, list[Edge]], users: dict[str, list[Edge]]
) -> dict[str, float]:
    """Of roads that meet at a card, that from farthest away turns nearest to it; so they do not run into each other."""
    found = dict.fromkeys(roads, 0.5)
    for groups, others, sign in ((users, readers, -1), (readers, users, +1)):
        for edges in groups.values():
            alone = [edge for edge in edges if len(others[edge.source if sign > 0 else edge.target]) == 1]
            for direction in (-1, +1):
                rises = {edge.id: direction * (roads[edge.id][-1].y - roads[edge.id][0].y) for edge in alone}
                bent = sorted((key for key, rise in rises.items() if rise > 0), key=rises.__getitem__)
                for index, key in enumerate(bent):
                    found[key] = 0.5 + sign * 0.22 * ((index + 0.5) / len(bent) - 0.5) * 2
    return found

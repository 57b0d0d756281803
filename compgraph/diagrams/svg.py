"""Scene to SVG: cards with the formula in serif maths, values in blue, gradients in red, two-lane roads between them.

One file without scripts, references or ids (several pictures may share a page); light and dark by the reader's
setting; the same bytes in every run.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

from ..codegen.escapes import html_text
from . import style
from .place import Label, arrange
from .scene import Edge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .place import Place, Plan, Point
    from .scene import Box, Group, Scene

__all__ = ["STYLE", "escape", "to_svg"]

# Font sizes: maths, numbers, gradients' maths, labels and small print. Serif letters are narrower than Helvetica's.
_SIZES = {"head": 18.0, "number": 15.0, "gradient": 16.0, "label": 15.0, "detail": 13.0, "small": 13.0}
_SERIF = 0.94
_LINES = {"head": 24.0, "value": 21.0, "gradient": 21.0, "label": 19.0, "detail": 18.0, "small": 18.0}

# Padding of a card, above and below a rule, and around the picture; ems at which a formula and a label break.
_SIDE, _ABOVE, _RULE, _MARGIN, _LIMIT, _LABEL_LIMIT = 15.0, 8.0, 7.0, 20.0, 13.0, 9.5

# Half the distance of the two lanes of a road, length and half the width of an arrow's tip.
_LANE, _TIP, _WING = 2.75, 7.0, 3.5

# Numbers that change in a page keep room for as much as this; the page narrows the few that are longer.
_WIDEST_NUMBER = "−0.8888"

# A difference in height that nobody sees.
_LEVEL = 0.5

# How far the baseline moves down.
_SHIFTS = {"index": 4, "power": -6}

# The words for a larger picture leave its inputs out.
_MOST_TOLD = 15


class _Row(NamedTuple):
    """One line of text: head, value, gradient, label, detail or small."""

    kind: str
    runs: list[_Run]
    is_live: bool = False

    @property
    def width(self) -> float:
        return sum(map(self._width, self.runs))

    def _width(self, run: _Run) -> float:
        if run.kind == "number":
            changes = self.is_live and run.slot
            return max(style.width(text, _SIZES["number"]) for text in (run.text, _WIDEST_NUMBER if changes else ""))
        scale = 1.0 if self.kind == "detail" else _SERIF
        return style.width(run.text, _SIZES[self.kind]) * scale


class _Run(NamedTuple):
    """A piece of text set in one way; a number tells what it is, so that a page can put another in its place."""

    text: str
    kind: str
    slot: Literal["", "value", "gradient", "slope"] = ""


class _Card(NamedTuple):
    """What a card says, and its size."""

    rows: tuple[_Row, ...]
    ruled: bool
    width: float
    height: float


def to_svg(scene: Scene, *, is_live: bool = False) -> str:
    """The scene as SVG text.

    Args:
        scene: What is drawn.
        is_live: Whether a page will put other numbers in: they get room to grow. Its :data:`STYLE` and all words are
            the page's business.

    Raises:
        DiagramError: There is no Graphviz here at all, or the layout takes too long.

    >>> from .scene import Box, Scene
    >>> to_svg(Scene("x", "lecture", (Box("b0", "x", "parameter", None, "2"),), ())).splitlines()[2]
    '<title>Computation graph of x</title>'
    """
    cards = {box.id: _card(box, is_live=is_live) for box in scene.boxes}
    labels = _labels(scene, is_live=is_live)
    rooms = {key: Label(max(row.width for row in rows) + 14, 2 * _label_height(rows)) for key, rows in labels.items()}
    plan = arrange(scene, {key: (card.width, card.height) for key, card in cards.items()}, rooms)
    footer = [] if is_live else list(_footer(scene))
    width = round(max([plan.width, *(length for length, _ in footer)]) + 2 * _MARGIN)
    height = round(plan.height + 2 * _MARGIN + len(footer) * _LINES["small"] + (12 if footer else 0))
    title = escape(f"Computation graph of {scene.root}")
    beside = _beside(scene)

    def drawn(things: Iterable[Edge | Box]) -> Iterator[str]:
        for one in things:
            if isinstance(one, Edge):
                yield from _edge(one, plan, labels.get(one.id, []), is_live=is_live)
            else:
                yield from _box(one, cards[one.id], plan.cards[one.id], is_live=is_live)

    size = f'width="{width}" height="{height}"'
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" class="compgraph" {size} viewBox="0 0 {width} {height}"',
        f'role="img" aria-label="{title}">',
        *([] if is_live else [f"<title>{title}</title>", f"<desc>{escape(_description(scene))}</desc>"]),
        *([] if is_live else [f"<style>{STYLE}</style>"]),
        f'<rect class="page" {size}/>',
        f'<g transform="translate({_MARGIN:g} {_MARGIN:g})">',
        *(line for group in scene.groups for line in _group(group, plan)),
        *(['<g class="beside">', *drawn(beside), "</g>"] if beside else []),
        *drawn([edge for edge in scene.edges if edge.is_on_path or not beside]),
        *drawn([box for box in scene.boxes if box.is_on_path or not beside]),
        "</g>",
        *(
            f'<g transform="translate({_MARGIN:g} {height - _MARGIN - 4 - above * _LINES["small"]:g})">{line}</g>'
            for above, (_, line) in zip(range(len(footer) - 1, -1, -1), footer, strict=True)
        ),
        "</svg>\n",
    ])  # fmt: skip


def escape(text: str) -> str:
    """Any text as XML shows it, inside of an element or of a quoted attribute.

    >>> escape('a<b> & "c"')
    'a&lt;b&gt; &amp; &quot;c&quot;'
    """
    return style.plain(html_text(text))


# --- cards ---------------------------------------------------------------------------------------------------------


def _card(box: Box, *, is_live: bool = False) -> _Card:
    rows = [_Row("head", line, is_live) for line in _lines(box.head, _LIMIT)] if box.head else []
    if box.has_value:
        _put_value(rows, box, is_live=is_live)
    if box.gradient:
        chain = [_Row("gradient", line, is_live) for line in _lines(box.gradient.chain, _LIMIT)]
        is_number, value = box.gradient.is_computed, box.gradient.value
        number = _Run(value, "number", "gradient") if is_number else _Run(value, "absent")
        mark = [_Run(box.gradient.remark, "number")] if box.gradient.remark else []
        chain[-1].runs.extend([_Run(" = " if is_number else ": ", "upright"), number, *mark])
        rows += chain
    for remark in box.remarks:
        rows += [_Row("detail", [_Run(line, "upright")]) for line in style.wrapped(remark, 1.4 * _LIMIT)]
    height = sum(_LINES[row.kind] for row in rows) + 2 * _ABOVE + (_RULE if box.computed else 0)
    return _Card(tuple(rows), box.computed, math.ceil(max(row.width for row in rows)) + 2 * _SIDE, height)


def _put_value(rows: list[_Row], box: Box, *, is_live: bool) -> None:
    number = _Run(box.number, "number", "value")
    if box.computed:
        rows.append(_Row("value", [number], is_live))
    elif rows:
        rows[-1].runs.extend([_Run(" = ", "sign"), number])
    else:
        rows.append(_Row("head", [number]))


def _lines(text: str, limit: float) -> list[list[_Run]]:
    return [[_Run(*run) for run in line] for line in style.lines(text, limit)]


def _beside(scene: Scene) -> list[Edge | Box]:
    """What stands back behind the paths that the picture shows."""
    if not any(edge.is_on_path for edge in scene.edges):
        return []
    everything: list[Edge | Box] = [*scene.edges, *scene.boxes]
    return [one for one in everything if not one.is_on_path]


def _group(group: Group, plan: Plan) -> Iterator[str]:
    """A frame, its name in the upper left corner."""
    if group.id not in plan.frames:
        return
    at = plan.frames[group.id]
    left, top = at.x - at.width / 2, at.y - at.height / 2
    name = style.wrapped(group.name, 1.5 * _LIMIT)[0]
    yield f'<g class="group" data-id="{group.id}">'
    yield f'<rect x="{left:g}" y="{top:g}" width="{at.width:g}" height="{at.height:g}" rx="14"/>'
    yield f'<text class="small" x="{left + 12:g}" y="{top + 17:g}">{escape(name)}</text>'
    yield "</g>"


def _box(box: Box, card: _Card, at: Place, *, is_live: bool) -> Iterator[str]:
    left, top = at.x - at.width / 2, at.y - at.height / 2
    yield f'<g class="{" ".join(["box", *box.kinds])}" data-id="{box.id}">'
    if not is_live:
        yield f"<title>{escape(str(box))}</title>"
    yield (
        f'<rect x="{left:g}" y="{top:g}" width="{at.width:g}" height="{at.height:g}" '
        f'rx="{12 if len(card.rows) > 1 else 18}"/>'
    )
    y = at.y - card.height / 2 + _ABOVE
    previous = "head"
    for row in card.rows:
        if card.ruled and previous == "head" != row.kind:
            y += _RULE
            yield f'<path class="rule" d="M{left + 12:g} {y - 2:g}H{left + at.width - 12:g}"/>'
        y += _LINES[row.kind]
        yield _text(row, at.x, y - 6)
        previous = row.kind
    yield "</g>"


def _text(row: _Row, x: float, y: float) -> str:
    """A centred line of text."""
    spans, back = [], 0
    for text, kind, slot in row.runs:
        shift = _SHIFTS.get(kind, 0)
        rise = back + shift
        move = f' dy="{rise}"' if rise else ""
        back = -shift
        live = f' data-slot="{slot}"' if slot else ""
        spans.append(f'<tspan class="{"raised" if shift else kind}"{live}{move}>{escape(text)}</tspan>')
    return f'<text class="{row.kind}" x="{x:g}" y="{y:g}">{"".join(spans)}</text>'


# --- roads ---------------------------------------------------------------------------------------------------------


def _labels(scene: Scene, *, is_live: bool) -> dict[str, list[_Row]]:
    return {
        edge.id: _label(edge, edge.local, is_live=is_live)
        for edge in scene.edges
        if edge.labelled and edge.local is not None
    }


def _label(edge: Edge, local: str, *, is_live: bool) -> list[_Row]:
    """The local derivative and its number; the number on a line of its own where the formula fills one."""
    rows = [_Row("label", line, is_live) for line in _lines(local, _LABEL_LIMIT)]
    if edge.rule == local and (edge.is_constant or not is_live):
        return rows
    number = [_Run(" = ", "upright"), _Run(edge.slope or "?", "number", "slope")]
    whole = rows[-1]._replace(runs=[*rows[-1].runs, *number])
    return (
        [*rows[:-1], whole] if whole.width < _LABEL_LIMIT * _SIZES["label"] else [*rows, _Row("label", number, is_live)]
    )


def _label_height(rows: list[_Row]) -> float:
    return len(rows) * _LINES["label"] + 8


def _edge(edge: Edge, plan: Plan, label: list[_Row], *, is_live: bool) -> Iterator[str]:
    points, bend = plan.roads[edge.id], plan.bends[edge.id]
    lane = _LANE if edge.backward else 0.0
    yield f'<g class="{"edge path" if edge.is_on_path else "edge"}" data-id="{edge.id}">'
    if edge.rule and not is_live:
        yield f"<title>{escape(edge.rule)}</title>"
    yield f'<path class="road forward" d="{_road(points, bend, -lane, end=-_TIP)}"/>'
    yield f'<path class="tip forward" d="{_tip(points[-1], -lane, -_TIP)}"/>'
    if edge.backward:
        yield f'<path class="road backward" d="{_road(points, bend, lane, start=_TIP)}"/>'
        yield f'<path class="tip backward" d="{_tip(points[0], lane, _TIP)}"/>'
    if label:
        at = plan.labels[edge.id]
        for line, row in enumerate(label):
            yield _text(row, at.x, at.y - _label_height(label) + _LINES["label"] * (line + 1) - 2)
    yield "</g>"


def _road(points: tuple[Point, ...], bend: float, lane: float, *, start: float = 0.0, end: float = 0.0) -> str:
    """A path through points at which it is horizontal, shifted sideways by a lane: straight or an S between them."""
    xs = [point.x for point in points]
    xs[0] += start
    xs[-1] += end
    path = [f"M{xs[0]:g} {_number(points[0].y + lane)}"]
    for i in range(1, len(points)):
        (here, there), (y, next_y) = xs[i - 1 : i + 1], (points[i - 1].y, points[i].y)
        if abs(y - next_y) < _LEVEL:
            path.append(f"L{_number(there)} {_number(next_y + lane)}")
            continue
        middle = here + bend * (there - here)
        # Where the road is steep, lanes that are only shifted up and down would touch.
        slope = math.atan2(2 * (next_y - y), there - here)
        middle -= lane * math.sin(slope) / 0.75
        path.append(
            f"C{_number(middle)} {_number(y + lane)} {_number(middle)} {_number(next_y + lane)} "
            f"{_number(there)} {_number(next_y + lane)}"
        )
    return "".join(path)


def _tip(point: Point, lane: float, length: float) -> str:
    y = point.y + lane
    return f"M{_number(point.x)} {_number(y)}l{length:g} {-_WING:g}v{2 * _WING:g}z"


def _number(value: float) -> str:
    return f"{round(value, 1):g}"


# --- words ---------------------------------------------------------------------------------------------------------


def _description(scene: Scene) -> str:
    """The picture in words, for those who do not see it."""
    boxes = [f"{box}." for box in scene.boxes if box.computed or len(scene.boxes) <= _MOST_TOLD]
    paths = [f"{path}." for path in scene.paths]
    return " ".join([f"{len(scene.boxes)} boxes, from the inputs to the output.", *boxes, *paths, *scene.notes])


_LEGEND = (
    '<path class="road forward" d="M0 -4H20"/><path class="tip forward" d="M27 -4l-7 -3.5v7z"/>'
    '<text class="small" x="34">value</text>'
    '<path class="road backward" d="M87 -4H107"/><path class="tip backward" d="M80 -4l7 -3.5v7z"/>'
    '<text class="small" x="114">gradient</text>'
)


def _footer(scene: Scene) -> Iterator[tuple[float, str]]:
    """Lines under the picture with their widths: what the lanes mean, and the notes."""
    if any(edge.backward for edge in scene.edges):
        yield 190.0, _LEGEND
    for text in scene.told:
        for line in style.wrapped(text, 60):
            yield style.width(line, _SIZES["small"]), f'<text class="small">{escape(line)}</text>'


def _colours(palette: style.Palette) -> str:
    rules = {
        ".page": f"fill:{palette.page}",
        "text": f"fill:{palette.text}",
        ".label,.small,.detail,.absent": f"fill:{palette.muted}",
        ".value,.number,.sign": f"fill:{palette.forward}",
        ".gradient,.gradient .number": f"fill:{palette.backward}",
        ".road.forward": f"stroke:{palette.forward}",
        ".road.backward": f"stroke:{palette.backward}",
        ".tip.forward": f"fill:{palette.forward}",
        ".tip.backward": f"fill:{palette.backward}",
        "path.rule": f"stroke:{palette.rule}",
        **{
            f".{role} rect": "fill:{};stroke:{}".format(*getattr(palette, role))
            for role in ("inner", "parameter", "data", "constant", "output")
        },
        ".scope rect,.more rect": f"fill:{palette.page};stroke:{palette.muted}",
        ".group rect": f"fill:none;stroke:{palette.rule}",
        ".nonfinite rect,.lossy rect": f"stroke:{palette.backward}",
    }
    return "".join(f"{_scoped(selector)}{{{rule}}}" for selector, rule in rules.items())


def _scoped(selector: str) -> str:
    return ",".join(f".compgraph {part}" for part in selector.split(","))


_RULES = (
    ".compgraph text{{text-anchor:middle;font-variant-numeric:tabular-nums}}"
    ".compgraph .small{{font:{small:g}px {sans};text-anchor:start}}"
    ".compgraph .head{{font:italic {head:g}px {serif}}}"
    ".compgraph .gradient{{font:italic {gradient:g}px {serif}}}"
    ".compgraph .label{{font:italic {label:g}px {serif}}}"
    ".compgraph .upright,.compgraph .raised{{font-style:normal}}"
    ".compgraph .raised{{font-size:70%}}"
    ".compgraph .value,.compgraph .number,.compgraph .sign{{font:{number:g}px {sans}}}"
    ".compgraph .detail{{font:{detail:g}px {sans}}}"
    ".compgraph .absent{{font:italic {detail:g}px {sans}}}"
    ".compgraph .label .number{{font-size:{small:g}px}}"
    ".compgraph path{{fill:none;stroke-width:1.8}}"
    ".compgraph rect{{stroke-width:1.5}}"
    ".compgraph .nonfinite rect{{stroke-width:4}}"
    ".compgraph .lossy rect{{stroke-width:3;stroke-dasharray:2 3}}"
    ".compgraph .scope rect{{stroke-width:2.5}}"
    ".compgraph .more rect,.compgraph .group rect{{stroke-dasharray:5 4}}"
    ".compgraph .path .road{{stroke-width:4}}"
    ".compgraph .path rect{{stroke-width:3}}"
    ".compgraph .beside{{opacity:.4}}"
    ".compgraph .road.backward{{stroke-dasharray:6 3}}"
    ".compgraph path.rule{{stroke-width:1}}"
).format(**_SIZES, sans=style.SANS, serif=style.SERIF)
#: The style sheet of every picture, light and dark; it reaches nothing outside of pictures.
STYLE = _RULES + _colours(style.LIGHT) + f"@media (prefers-color-scheme:dark){{{_colours(style.DARK)}}}"

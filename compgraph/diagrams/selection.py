"""Which boxes a picture has: the level, what is opened or folded, the part in focus, and no more than fit.

>>> from compgraph.node import Node
>>> w, x = Node(0.5, "w"), Node(3.0, "x")
>>> [part.box.node.name for part in select((w*x).named("z"), "collapsed").parts]
['z']
"""

from __future__ import annotations

from collections import Counter
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, NamedTuple

from .. import outline
from ..ops import CONSTANT, INPUT
from ..outline import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from ..node import Node
    from .scene import Fold, Level

__all__ = ["LARGEST_PAGE", "Group", "Part", "Selection", "select"]

#: Pages of larger graphs would answer slowly, and are not for reading: so many nodes.
LARGEST_PAGE = 5000


class Part(NamedTuple):
    """What becomes one box of the picture.

    Attributes:
        box: The node, what is computed inside, and what that reads. Of a folded scope the node is the last that others
            read; of what is left out there is only the node, by which it is told from others.
        heads: The nodes inside that others may read.
        inside: The inputs that are told inside instead of in boxes of their own.
        scope: The name of a folded scope.
        fold: Whether it can be opened or closed.
        more: How many boxes it stands for that are left out.
    """

    box: Box
    heads: tuple[Node, ...]
    inside: tuple[Node, ...] = ()
    scope: str = ""
    fold: Fold = ""
    more: int = 0

    @property
    def is_summary(self) -> bool:
        """Whether it stands for many nodes: a folded scope, or what is left out."""
        return bool(self.scope or self.more)

    @property
    def told(self) -> tuple[Node, ...]:
        """The nodes of which something is said: none of those that are left out."""
        return () if self.more else (*self.heads, *self.inside)


class Group(NamedTuple):
    """Boxes in a frame: what was opened.

    Attributes:
        key: The node whose box was opened, or the name of the scope.
        members: The nodes of the boxes in it.
    """

    key: Node | str
    members: tuple[Node, ...]


class Selection(NamedTuple):
    """The boxes of a picture, arguments before what reads them.

    Attributes:
        level: What is shown: another than was asked for where that would be too large.
        parts: The boxes.
        groups: The frames around some of them.
        notes: What was left out or folded, a sentence each.
        opened: The nodes and scopes that were to be opened.
    """

    level: Level
    parts: tuple[Part, ...]
    groups: tuple[Group, ...] = ()
    notes: tuple[str, ...] = ()
    opened: tuple[Node | str, ...] = ()


def select(
    root: Node,
    level: Level = "lecture",
    *,
    opened: Collection[Node | str] = (),
    focus: Node | tuple[Node, Node] | None = None,
    max_nodes: int = 150,
) -> Selection:
    """The boxes of a picture.

    Args:
        root: The graph's root.
        level: "lecture": a box for every named node; "ops": a box for every operation; "collapsed": as the lecture, but
            scopes (``layer1`` in ``layer1.w2``) are folded, and inputs that one box reads are told inside of it.
        opened: Named nodes whose operations have boxes of their own, and names of scopes that are not folded.
        focus: A node: only what it is computed from. Two nodes: only the paths from the one to the other.
        max_nodes: The most boxes. A larger graph is collapsed; of what is still too large the boxes nearest to the root
            are kept, and the others are counted.
    """
    tops = (root,) if focus is None else (focus[1], focus[0]) if isinstance(focus, tuple) else (focus,)
    found = _parts(tops, level, opened)
    notes: list[str] = []
    if len(found.parts) > max_nodes and level != "collapsed":
        notes.append(
            f"Collapsed, for {len(found.parts)} boxes are more than max_nodes={max_nodes}; "
            f"max_nodes={len(found.parts)} draws them all."
        )
        found = _parts(tops, "collapsed", opened)
    parts: Sequence[Part] = found.parts
    if isinstance(focus, tuple):
        parts, left = _between(parts, *focus)
        if left:
            notes.append(f"Only the paths are shown; {left} box{'es' * (left != 1)} beside them {_are(left)} left out.")
    if len(parts) > max_nodes:
        parts = _nearest(parts, max_nodes)
    shown = {head for part in parts for head in part.heads}
    groups = (group._replace(members=tuple(node for node in group.members if node in shown)) for group in found.groups)
    return Selection(
        found.level,
        tuple(parts),
        tuple(group for group in groups if len(group.members) > 1),
        (*found.notes, *notes),
        (*opened,),
    )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _parts(tops: tuple[Node, ...], level: Level, opened: Collection[Node | str]) -> Selection:
    if level == "ops":
        return Selection(level, tuple(Part(box, (box.node,)) for box in outline.single_boxes(tops[0])))
    found = outline.boxes(*tops)
    folds = {} if level == "lecture" else _folds(tops, found, {key for key in opened if isinstance(key, str)})
    parts, groups = _unfolded([box for box in found if box.node not in folds], {*opened} - {""})
    parts = _with_scopes(found, parts, folds)
    if level == "collapsed":
        groups += [_scope_group(name, parts) for name in opened if isinstance(name, str)]
        parts = [part if part.scope else part._replace(fold="") for part in _with_inputs_inside(parts)]
    return Selection(level, tuple(parts), tuple(groups))


def _unfolded(found: Iterable[Box], opened: Collection[Node | str]) -> tuple[list[Part], list[Group]]:
    """A part for each box; where it is opened one for each operation in it, those in a group."""
    parts: dict[Node, Part] = {}
    groups = []
    for box in found:
        inner = outline.opened(box)
        if box.node not in opened or len(inner) < 2:
            parts[box.node] = Part(box, (box.node,), fold="open" if len(inner) > 1 else "")
            continue
        new = {one.node: Part(one, (one.node,)) for one in inner if one.node not in parts}
        new[box.node] = new[box.node]._replace(fold="close")
        parts |= new
        groups.append(Group(box.node, tuple(new)))
    return list(parts.values()), groups


# --- scopes --------------------------------------------------------------------------------------------------------


def _folds(tops: Collection[Node], found: Sequence[Box], opened: Collection[str]) -> dict[Node, str]:
    """The outermost scope that is not opened, for each node that has one; none for a scope that cannot be one box."""
    folds: dict[Node, str] = {}
    for box in found:
        if box.node not in tops and box.node.name:
            *scopes, _ = box.node.name.split(".")
            paths = (".".join(scopes[: depth + 1]) for depth in range(len(scopes)))
            scope = next((path for path in paths if path and path not in opened), "")
            if scope:
                folds[box.node] = scope
    sizes = Counter(folds.values())
    folds = {node: scope for node, scope in folds.items() if sizes[scope] > 1}
    while entangled := _entangled(found, folds):  # each round gives up one scope at least
        folds = {node: scope for node, scope in folds.items() if scope not in entangled}
    return folds


def _entangled(found: Sequence[Box], folds: Mapping[Node, str]) -> set[str]:
    """The scopes that read, through boxes outside, what they computed themselves: no order of boxes would be right."""
    below: dict[Node, set[str]] = {}  # the scopes that a box depends on, itself left out
    wrong: set[str] = set()
    for box in found:
        own = folds.get(box.node, "")
        reached: set[str] = set()
        for arg in box.args:
            scope = folds.get(arg, "")
            if own and scope != own and own in below[arg]:
                wrong.add(own)
            reached |= below[arg] | ({scope} if scope else set())
        below[box.node] = reached
    if wrong:
        return wrong
    reads: dict[str, set[str]] = {}
    for box in found:
        own = folds.get(box.node, "")
        if own:
            reads.setdefault(own, set()).update(below[box.node] - {own})
    mutual = {one for one, others in reads.items() if any(one in reads.get(other, ()) for other in others)}
    return {max(mutual)} if mutual else set()


def _with_scopes(found: Sequence[Box], parts: Sequence[Part], folds: Mapping[Node, str]) -> list[Part]:
    """The parts in an order in which arguments come first, with a part for each folded scope."""
    if not folds:
        return list(parts)
    members: dict[str, list[Box]] = {}
    for box in found:
        if box.node in folds:
            members.setdefault(folds[box.node], []).append(box)
    read = {arg for box in found for arg in box.args if folds.get(arg) != folds.get(box.node)}
    scopes = []
    for scope, boxes in members.items():
        body = tuple(node for box in boxes for node in box.body)
        inner = {box.node for box in boxes}
        args = tuple(dict.fromkeys(arg for box in boxes for arg in box.args if arg not in inner))
        heads = tuple(box.node for box in boxes if box.node in read) or (boxes[-1].node,)
        leaves = tuple(box.node for box in boxes if not box.body)
        scopes.append(Part(Box(heads[-1], body, args), heads, leaves, scope=scope, fold="open"))
    place = {head: part for part in [*parts, *scopes] for head in part.heads}
    by_node = {part.box.node: part for part in [*parts, *scopes]}
    sorter = TopologicalSorter(
        {node: [place[arg].box.node for arg in part.box.args if arg in place] for node, part in by_node.items()}
    )
    return [by_node[node] for node in sorter.static_order()]


def _scope_group(scope: str, parts: Iterable[Part]) -> Group:
    named = (part.box.node for part in parts if (part.box.node.name or "").startswith(f"{scope}."))
    return Group(scope, tuple(named))


def _with_inputs_inside(parts: Sequence[Part]) -> list[Part]:
    """Inputs that one box reads are told inside of it."""
    readers: Counter[Node] = Counter(arg for part in parts for arg in set(part.box.args))
    leaves = {part.box.node for part in parts if part.box.node.op in {INPUT, CONSTANT} and not part.scope}
    folded = {node for node in leaves if readers[node] == 1}
    kept = []
    for part in parts:
        if part.box.node in folded and not part.scope:
            continue
        inside = tuple(arg for arg in part.box.args if arg in folded)
        args = tuple(arg for arg in part.box.args if arg not in folded)
        kept.append(part._replace(box=part.box._replace(args=args), inside=(*part.inside, *inside)))
    return kept


# --- a part of the graph -------------------------------------------------------------------------------------------


def _between(parts: Sequence[Part], source: Node, target: Node) -> tuple[list[Part], int]:
    """The parts on the paths from one node to another, and how many more of those below the target there are."""
    on_the_way = {source}
    for part in parts:
        if any(arg in on_the_way for arg in part.box.args) or source in part.heads or source in part.inside:
            on_the_way.update(part.heads)
    kept = [part for part in parts if on_the_way.intersection(part.heads)]
    needed = {target}
    for part in reversed(kept):
        if needed.intersection(part.heads):
            needed.update(part.box.args)
    kept = [part for part in kept if needed.intersection(part.heads)]
    shown = {head for part in kept for head in part.heads}
    cut = [part._replace(box=part.box._replace(args=_only(part.box.args, shown.__contains__))) for part in kept]
    return cut, len(parts) - len(kept)


def _nearest(parts: Sequence[Part], most: int) -> list[Part]:
    """The parts nearest to the root, and one for all that are left out."""
    place = {head: part for part in parts for head in part.heads}
    queue = [parts[-1]]
    kept = {parts[-1].box.node}
    for part in queue:  # grows as it is walked: nearest first
        for arg in part.box.args:
            if len(kept) < most - 1 and place[arg].box.node not in kept:
                kept.add(place[arg].box.node)
                queue.append(place[arg])
    left = [part for part in parts if part.box.node not in kept]
    heads = tuple(head for part in left for head in part.heads)
    stub = Part(Box(heads[-1], (), ()), heads, more=len(left))
    return [stub, *(part for part in parts if part.box.node in kept)]


def _only(nodes: Iterable[Node], is_kept: Callable[[object], bool]) -> tuple[Node, ...]:
    return tuple(node for node in nodes if is_kept(node))

"""`compgraph.diagrams.text_wires`: whoever follows a wire comes to where it leads, and nowhere else."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from compgraph.diagrams.text_wires import Net, route

UP, DOWN, LEFT, RIGHT = (-1, 0), (1, 0), (0, -1), (0, 1)
WAYS = {
    "│": (UP, DOWN), "─": (LEFT, RIGHT), "┘": (UP, LEFT), "└": (UP, RIGHT), "┐": (DOWN, LEFT), "┌": (DOWN, RIGHT),
    "┤": (UP, DOWN, LEFT), "├": (UP, DOWN, RIGHT), "┴": (UP, LEFT, RIGHT), "┬": (DOWN, LEFT, RIGHT),
    "┼": (UP, DOWN, LEFT, RIGHT), "▶": (LEFT, RIGHT), "◀": (LEFT, RIGHT),
}  # fmt: skip
WAYS |= {dashed: WAYS[solid] for dashed, solid in zip("┆┄╯╰╮╭", "│─┘└┐┌", strict=True)}


def drawn(nets: list[Net]) -> tuple[int, dict[tuple[int, int], str]]:
    routed = route(nets)
    assert routed is not None
    return routed


def lines(nets: list[Net]) -> list[str]:
    width, cells = drawn(nets)
    rows = range(max(row for row, _ in cells) + 1)
    return ["".join(cells.get((row, column), " ") for column in range(width)).rstrip() for row in rows]


def reached(cells: dict[tuple[int, int], str], width: int, row: int) -> set[int]:
    """The rows on the right to which the wire leads that begins on the left in a row."""
    ahead, seen, found = [((row, 0), RIGHT)], set(), set()
    while ahead:
        place, way = step = ahead.pop()
        if step in seen:
            continue
        seen.add(step)
        if place[1] == width:
            found.add(place[0])
        if not 0 <= place[1] < width:
            continue
        ways = WAYS[cells[place]]
        if (-way[0], -way[1]) not in ways:  # it goes under a bus, and on behind it
            ways = (way,)
            assert cells[place] in "│┆"
        ahead += [((place[0] + on[0], place[1] + on[1]), on) for on in ways if on != (-way[0], -way[1])]
    return found


@st.composite
def layouts(draw: st.DrawFn) -> list[Net]:
    """Nets with rows of their own on each side, forward and back."""
    left, right = draw(st.permutations(range(12))), draw(st.permutations(range(12)))
    nets = []
    for is_back in draw(st.lists(st.booleans(), min_size=1, max_size=4)):
        sources, targets = (sorted(rows.pop() for _ in range(draw(st.integers(1, 3)))) for rows in (left, right))
        nets.append(Net(sources, dict.fromkeys(targets, 1), is_back=is_back))
    return nets


@given(layouts())
def test_a_wire_leads_to_all_targets_of_its_net_and_to_no_other(nets: list[Net]) -> None:
    routed = route(nets)
    assume(routed is not None)
    width, cells = drawn(nets)
    for net in nets:
        for row in net.sources:
            assert reached(cells, width, row) == set(net.targets)


def test_wires_into_one_box_meet_in_a_bus() -> None:
    assert lines([Net([0, 1, 3], {1: 1}, is_back=False)]) == ["─┐", "─┼─▶", " │", "─┘"]


def test_a_gradient_is_dashed_and_ends_in_an_arrowhead_on_the_left() -> None:
    assert lines([Net([0, 2], {2: 1}, is_back=True)]) == ["◀╮", " ┆", "◀┴┄┄"]


def test_a_wire_goes_under_the_bus_of_others() -> None:
    assert lines([Net([0, 2], {0: 1}, is_back=False), Net([1], {1: 1}, is_back=True)]) == ["─┬─▶", "◀│┄┄", "─┘"]


def test_a_wire_that_turns_ends_before_another_begins_in_its_row() -> None:
    assert lines([Net([0], {1: 1}, is_back=False), Net([1], {2: 1}, is_back=False)]) == ["───┐", "─┐ └─▶", " └───▶"]


def test_wires_that_would_run_into_each_other_are_not_drawn() -> None:
    """Each must end before the other begins."""
    assert route([Net([0], {1: 1}, is_back=False), Net([1], {0: 1}, is_back=False)]) is None


def test_the_number_of_edges_stands_where_they_arrive() -> None:
    assert lines([Net([0], {0: 2}, is_back=False)]) == ["──×2▶"]


def test_a_wire_that_goes_on_in_the_next_column_has_no_arrowhead() -> None:
    passing = (frozenset[int](), frozenset({0}))
    assert lines([Net([0], {0: 1}, is_back=False, passing=passing)]) == ["───"]

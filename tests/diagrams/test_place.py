"""`compgraph.diagrams.place`: no card lies on another, and no road leads over one."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compgraph.diagrams.place import Label, Place, Plan, arrange
from compgraph.diagrams.reading import make_scene
from compgraph.node import Node

if TYPE_CHECKING:
    from collections.abc import Callable

    from compgraph.diagrams.scene import Scene


def plan_of(scene: Scene, labels: dict[str, Label] | None = None) -> Plan:
    sizes = {box.id: (60.0 + 10 * (index % 7), 40.0 + 8 * (index % 5)) for index, box in enumerate(scene.boxes)}
    return arrange(scene, sizes, labels or {})


def check(scene: Scene, plan: Plan) -> None:
    for one, other in combinations(plan.cards.values(), 2):
        apart_x = abs(one.x - other.x) >= (one.width + other.width) / 2 - 0.1
        apart_y = abs(one.y - other.y) >= (one.height + other.height) / 2 - 0.1
        assert apart_x or apart_y
    for edge in scene.edges:
        points = plan.roads[edge.id]
        assert is_on_side(points[0].x, points[0].y, plan.cards[edge.source], +1)
        assert is_on_side(points[-1].x, points[-1].y, plan.cards[edge.target], -1)
        others = [card for key, card in plan.cards.items() if key not in {edge.source, edge.target}]
        for here, there in pairwise(points):
            assert here.x <= there.x
            low, high = sorted((here.y, there.y))
            assert not any(covers(card, here.x, there.x, low, high) for card in others)


def is_on_side(x: float, y: float, card: Place, side: int) -> bool:
    return abs(x - (card.x + side * card.width / 2)) < 0.1 and abs(y - card.y) < card.height / 2


def covers(card: Place, left: float, right: float, low: float, high: float) -> bool:
    """Whether a card reaches into a rectangle; a road between two points stays in theirs."""
    return (
        card.x - card.width / 2 < right - 0.1
        and card.x + card.width / 2 > left + 0.1
        and card.y - card.height / 2 < high
        and card.y + card.height / 2 > low
    )


def test_cards_and_roads_of_the_lecture(lecture: Node) -> None:
    for level in ("lecture", "ops"):
        scene = make_scene(lecture, level)
        check(scene, plan_of(scene))


def test_cards_and_roads_of_a_network(network: Callable[..., Node]) -> None:
    scene = make_scene(network(3, 4, 4, 1), "ops")
    check(scene, plan_of(scene))


@given(data=st.data())
def test_cards_and_roads_of_random_graphs(
    data: st.DataObject, graphs: st.SearchStrategy[tuple[Node, list[Node]]]
) -> None:
    root, _ = data.draw(graphs)
    scene = make_scene(root, "ops")
    check(scene, plan_of(scene))


def test_a_label_has_room_of_its_own_on_its_edge(lecture: Node) -> None:
    scene = make_scene(lecture)
    labelled = [edge.id for edge in scene.edges if edge.source in {"b6", "b7"}]
    plan = plan_of(scene, dict.fromkeys(labelled, Label(150.0, 40.0)))
    check(scene, plan)
    for key in labelled:
        label = plan.labels[key]
        room = Place(label.x, label.y, label.width, label.height)
        assert not any(covers(card, room.x - 75, room.x + 75, room.y - 20, room.y + 20) for card in plan.cards.values())
        assert any(point.y == label.y for point in plan.roads[key])


def test_arguments_stand_in_the_order_of_the_formula(lecture: Node) -> None:
    scene = make_scene(lecture)
    cards = plan_of(scene).cards
    y = {box.name: cards[box.id].y for box in scene.boxes}
    assert y["w1"] < y["x1"] < y["w2"] < y["x2"] < y["b"]


def test_the_main_chain_is_nearly_straight(lecture: Node) -> None:
    scene = make_scene(lecture)
    names = {box.id: box.name for box in scene.boxes}
    roads = plan_of(scene).roads
    chain = [edge for edge in scene.edges if names[edge.source] in {"z", "a"}]
    heights = {point.y for edge in chain for point in roads[edge.id]}
    assert len(chain) == 2
    assert max(heights) - min(heights) < 8.0


def test_repeated_arguments_have_roads_apart() -> None:
    x = Node(3.0, "x")
    scene = make_scene(x * x, "ops")
    first, second = plan_of(scene).roads.values()
    assert abs(first[0].y - second[0].y) > 10
    assert abs(first[-1].y - second[-1].y) > 10


def test_a_card_grows_with_its_ports() -> None:
    scene = make_scene(sum((Node(float(i), f"w{i}") for i in range(12)), start=Node(0.0, "b")).named("s"))
    plan = arrange(scene, {box.id: (50.0, 30.0) for box in scene.boxes}, {})
    ends = sorted(road[-1].y for road in plan.roads.values())
    assert plan.cards[scene.boxes[-1].id].height > 150
    assert min(there - here for here, there in pairwise(ends)) == pytest.approx(13.0, abs=0.1)

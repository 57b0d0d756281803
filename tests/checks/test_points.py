"""Points at random: the same for a seed, near the present ones first, short enough to type."""

from itertools import islice

from compgraph.checks.points import random_points
from compgraph.node import Node


def test_a_seed_means_the_same_points():
    x, y = Node(3.0, "x"), Node(-2.0, "y")
    first, again, other = (list(islice(random_points({x: 3.0, y: -2.0}, seed), 9)) for seed in (1, 1, 2))
    assert first == again != other


def test_every_third_point_keeps_signs_and_size():
    x, y = Node(3.0, "x"), Node(-2e-100, "y")
    for point in islice(random_points({x: 3.0, y: -2e-100}, 0), 0, 90, 3):
        assert 0.7 <= point[x] <= 12.1
        assert -8.1e-100 <= point[y] <= -4.9e-101


def test_points_can_be_typed_again():
    x = Node(1.0, "x")
    assert all(float(f"{point[x]:.3g}") == point[x] for point in islice(random_points({x: 1.0}, 5), 60))

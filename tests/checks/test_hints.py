"""Easy mistakes are recognised where they explain every point, and nowhere else."""

import pytest

from compgraph.checks.hints import Sample, hint

POINTS = [(0.7, -1.3), (1.9, 0.4), (-2.2, 1.1), (0.3, 2.6)]  # (x, y); the gradient is x·y + y², through u and v


def samples(form):
    return [
        Sample(x * y + y * y, form(x, y), {"x": x, "y": y}, {"y": x + 2.0 * y}, {"u": x * y, "v": y * y})
        for x, y in POINTS
    ]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (lambda x, y: -x * y - y * y, "your form has the other sign"),
        (lambda x, y: (x * y + y * y) / 2, "your form is 1/2 of the gradient"),
        (lambda x, y: -3 * (x * y + y * y), "your form is −3 times the gradient"),
        (lambda x, y: x + y, "your form lacks the factor y"),
        (lambda x, y: x * y * (x + y), "your form has the factor x too much"),
        (lambda x, y: x + 2 * y, "your form is dy, not dx"),
        (lambda x, y: x * y, "your form leaves out what comes through v"),
    ],
)
def test_a_mistake_that_explains_every_point_is_named(form, said):
    assert hint("x", samples(form)) == said


@pytest.mark.parametrize(
    "form", [lambda x, y: x * x + y, lambda x, y: 0.7316 * (x * y + y * y), lambda _, __: 0.0, lambda _, __: 1.0]
)
def test_what_no_easy_mistake_explains_is_left_alone(form):
    assert hint("x", samples(form)) == ""


def test_what_comes_through_the_only_consumer_is_no_mistake():
    lone = [sample._replace(shares={"u": sample.gradient}) for sample in samples(lambda x, y: x * y + y * y)]
    assert hint("x", lone) == ""


def test_two_points_are_too_few():
    assert hint("x", samples(lambda x, y: -x * y - y * y)[:2]) == ""

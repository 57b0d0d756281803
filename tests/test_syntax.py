"""Program text: what is read, what is refused and where the error points."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compgraph import GraphTypeError, Node, ParseError, parse
from compgraph.graph import order, same
from compgraph.syntax import parse_values

LECTURE = "z = w1*x1 + w2*x2 + b; a = sigmoid(z); L = -(y*log(a) + (1-y)*log(1-a))"


def set_all(nodes: dict[str, Node], **values: float) -> None:
    for name, value in values.items():
        nodes[name].value = value


def test_the_lecture_s_program() -> None:
    nodes = parse(LECTURE)
    assert list(nodes) == ["w1", "x1", "w2", "x2", "b", "y", "z", "a", "L"]
    assert [repr(nodes[name]) for name in "za"] == ["z = w1·x1 + w2·x2 + b = ?", "a = σ(z) = ?"]
    set_all(nodes, w1=0.1, x1=1, w2=-0.2, x2=2, b=0, y=1)
    assert nodes["L"].value == pytest.approx(0.8543552444685272, rel=1e-14)


@pytest.mark.parametrize(
    ("text", "at_2", "shown"),
    [
        ("x**3", 8.0, "x^3"), ("2**x", 4.0, "2^x"), ("-x**2", -4.0, "−x^2"), ("+x", 2.0, "x"),
        ("x**2**3", 256.0, "x^8"),
        ("(x + 1)*(x - 1)", 3.0, "(x + 1)·(x − 1)"), ("x - (1 - x)", 3.0, "x − (1 − x)"), ("1/x/x", 0.25, "1/x/x"),
        ("where(x > 1, x, 0)", 2.0, "where(x > 1, x, 0)"), ("clip(x, low=0, high=1)", 1.0, "clip(x, 0, 1)"),
        ("leaky_relu(x)", 2.0, "leaky_relu(x, 0.01)"), ("x <= 2", 1.0, "x ≤ 2"), ("x != 2", 0.0, "x ≠ 2"),
        ("equal(x, 2)", 1.0, "x = 2"), ("abs(-x)", 2.0, "|−x|"), ("1e-3*x", 0.002, "0.001·x"),
        ("x·x − 1", 3.0, "x·x − 1"),
        ("σ(x − 2)", 0.5, "σ(x − 2)"), ("x*2 # a comment", 4.0, "x·2"), ("x*\\\n2", 4.0, "x·2"),
    ],
)  # fmt: skip
def test_expressions(text: str, at_2: float, shown: str) -> None:
    nodes = parse(text)
    nodes["x"].value = 2.0
    root = nodes["_"]
    assert root.value == at_2
    assert shown in repr(root)


@pytest.mark.parametrize("end", ["\n", "; ", "\r\n", ";\n", "  # first\n\n"])
def test_statements_end_at_semicolons_and_lines(end: str) -> None:
    assert list(parse(f"a = x*2{end}b = a + 1")) == ["x", "a", "b"]


def test_a_second_name_leads_to_the_same_node() -> None:
    nodes = parse("a = x*2; b = a; c = b + 1; d = x")
    assert nodes["b"] is nodes["a"]
    assert nodes["d"] is nodes["x"]
    assert repr(nodes["c"]) == "c = a + 1 = ?"
    assert len(order(nodes["c"])) == 5


def test_a_constant_gets_the_name_it_is_assigned_to() -> None:
    assert repr(parse("alpha = 0.1; z = alpha*x")["z"]) == "z = alpha·x = ?"


def test_names_are_unicode_identifiers() -> None:
    assert list(parse("ŷ = β*größe")) == ["β", "größe", "ŷ"]


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "the program is empty"),
        ("z =", 4, "invalid syntax"),
        ("z = w*", 7, "invalid syntax"),
        ("z = w x", 7, "invalid syntax"),
        ("z = (x", 5, "was never closed"),
        ("z = x)", 6, "unmatched"),
        ("z = x; ;", 8, "invalid syntax"),
        ("1 = x", 1, "cannot assign"),
        ("a.b = 1", 1, "assign to one name"),
        ("a[0] = 1", 1, "assign to one name"),
        ("z, y = 1, 2", 1, "assign to one name"),
        ("a = b = 1", 5, "assign to one name"),
        ("z += 1", 1, "a statement is an assignment"),
        ("z: float = 1", 1, "a statement is an assignment"),
        ("x; y", 1, "a statement is an assignment"),
        ("import os", 1, "a statement is an assignment"),
        ("del x", 1, "a statement is an assignment"),
        ("z = x; z = y", 8, "z is assigned already"),
        ("z = 2*x; x = 1", 10, "x was read above as an input"),
        ("exp = 1", 1, "exp is an op; use another name"),
        ("_ = x", 1, "_ stands for a last expression"),
        ("z = exp", 5, r"exp is an op; call it: exp\(x\)"),
        ("z = exq(x)", 5, r"no op is named exq; did you mean exp\?"),
        ("z = 1 + qqqqqq(x)", 9, "no op is named qqqqqq; the functions are ops such as exp, log"),
        ("z = __import__('os')", 5, "no op is named __import__"),
        ("z = (lambda: 1)()", 5, "Call is not part of the language"),
        ("z = x.real", 5, "Attribute is not part"),
        ("z = x[0]", 5, "Subscript is not part"),
        ("z = [x for x in y]", 5, "ListComp is not part"),
        ("z = (y := x)", 6, "NamedExpr is not part"),
        ("z = f'{x}'", 5, "JoinedStr is not part"),
        ("z = exp(*x)", 9, "Starred is not part"),
        ("z = exp(**x)", 5, r"\*\* is not taken here"),
        ("z = exp()", 5, r"exp\(x\): missing a required argument: 'x'"),
        ("z = exp(x, y)", 5, "too many positional"),
        ("z = exp(u=x)", 5, "missing a required argument"),
        ("z = 'a'", 5, "only real numbers"),
        ("z = 2 + 1j", 9, "only real numbers"),
        ("z = True", 5, "only real numbers"),
        ("z = None", 5, "only real numbers"),
        ("z = x + 1e999", 9, "beyond the range of floats"),
        (f"z = x + {'9' * 400}", 9, "beyond the range of floats"),
        ("z = x^2", 5, r"\^ is not a power here; write \*\*"),
        ("z = x % 2", 5, "% is not an op"),
        ("z = x // 2", 5, r"write floor\(x/y\)"),
        ("z = x @ y", 5, "a Node is one scalar"),
        ("z = x | y", 5, "this operator is not an op"),
        ("z = ~x", 5, "UnaryOp is not part"),
        ("z = not x", 5, "write where"),
        ("z = x and y", 5, "write where"),
        ("z = x if y else 1", 5, "write where"),
        ("0 < x < 1", 1, "one comparison at a time"),
        ("z = where(True, x, y)", 11, "only real numbers"),
        ("β = 2·größe % 3", 5, "% is not an op"),
        ("z = x\0", 1, "null bytes"),
    ],
)
def test_what_is_not_in_the_language_is_refused_at_its_column(text: str, column: int, message: str) -> None:
    with pytest.raises(ParseError, match=message) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (1, column)
    assert str(caught.value).startswith(f"line 1, column {column}: ")


def test_the_error_shows_the_line_and_points_at_the_column() -> None:
    with pytest.raises(ParseError) as caught:
        parse("z = w*x\nβ = z·qqq(z)")
    assert str(caught.value).splitlines()[1:] == ["  β = z·qqq(z)", "        ^"]


def test_a_long_line_is_shown_around_the_column() -> None:
    text = "z = " + "x + " * 60 + "exq(x) + " + "x + " * 60 + "x"
    with pytest.raises(ParseError) as caught:
        parse(text)
    _, excerpt, caret = str(caught.value).splitlines()
    assert len(excerpt) <= 74
    assert excerpt[caret.index("^") :].startswith("exq(x)")


@pytest.mark.parametrize(
    "text", ["z = " + "(" * 1000 + "x" + ")" * 1000, "z = " + "-" * 50_000 + "x", "z = " + "x+" * 50_000 + "x"]
)
def test_hostile_depth_is_an_error_and_not_a_crash(text: str) -> None:
    with pytest.raises(ParseError, match="nested"):
        parse(text)


@pytest.mark.parametrize("text", [3, None, b"z = x", ["z = x"]])
def test_only_text_is_parsed(text: Any) -> None:
    with pytest.raises(GraphTypeError, match="parse takes program text, not"):
        parse(text)


@given(st.text(max_size=30))
def test_any_text_parses_or_is_a_parse_error(text: str) -> None:
    try:
        nodes = parse(text)
    except ParseError as error:
        assert 1 <= error.column <= len(text) + 2
    else:
        assert all(isinstance(node, Node) for node in nodes.values())


@given(st.text(alphabet="xyz012.+-*/()<>=;, \n", max_size=40))
def test_any_text_in_the_language_s_characters_parses_or_points(text: str) -> None:
    try:
        parse(text)
    except ParseError as error:
        assert 1 <= error.line <= max(len(text.splitlines()), 1)


def test_program_text_builds_what_python_builds() -> None:
    w, x, b = (Node(name=name) for name in "wxb")
    z = w * x + b
    assert same(parse("w*x + b")["_"], z)


# --- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values"),
    [("", {}), ("x=1", {"x": 1.0}), (" w1 = 0.1 , x1=-2e3", {"w1": 0.1, "x1": -2000.0}), ("x=−1", {"x": -1.0})],
)
def test_values_are_read(text: str, values: dict[str, float]) -> None:
    assert parse_values(text) == values


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("x", 1, "'x' is not name=number"),
        ("x=1,", 5, "is not name=number"),
        ("=1", 1, "is not name=number"),
        ("x=1, x=2", 6, "x has a value already"),
        ("x=1, y=a", 6, "'a' is not a number; write y=0.5"),
        ("x=", 1, "'' is not a number"),
        ("x=nan", 1, "x=nan is not finite"),
        ("w=1,x=1e999", 5, "x=1e999 is not finite"),
    ],
)
def test_wrong_values_are_refused_at_their_column(text: str, column: int, message: str) -> None:
    with pytest.raises(ParseError, match=message) as caught:
        parse_values(text)
    assert caught.value.column == column


def test_names_can_stand_for_nodes_that_are_there() -> None:
    x = Node(4.0, "x₁")
    nodes = parse("z = x*w", {"x": x, "unused": x})
    assert list(nodes) == ["x", "w", "z"]
    assert nodes["x"] is x
    assert nodes["z"].args[0] is x


def test_a_name_that_is_assigned_does_not_stand_for_a_given_node() -> None:
    x = Node(4.0, "x")
    assert parse("x = 2*w", {"x": x})["x"] is not x


def test_families_of_ops_are_called_by_their_name() -> None:
    nodes = parse("logsumexp(x, y, 2*z)")
    assert nodes["_"].op.name == "logsumexp_3"
    with pytest.raises(ParseError, match="none by name"):
        parse("norm(x, y=2)")
    with pytest.raises(ParseError, match="at least one argument"):
        parse("norm()")


def test_an_error_says_what_is_wrong_without_the_place_too() -> None:
    with pytest.raises(ParseError) as caught:
        parse("z = 2*x\na = z %% 2")
    assert (caught.value.line, caught.value.column) == (2, 8)
    assert caught.value.reason == "invalid syntax"

"""Errors and warnings: their family, the user's own line, the caret of a parse error."""

from __future__ import annotations

import inspect
import pickle
import traceback
import warnings

import pytest

import compgraph as cg
from compgraph import CompgraphError, Node, NonFiniteWarning, ParseError, errors

EXCEPTIONS = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, CompgraphError)]


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (cg.GraphTypeError, TypeError), (cg.GraphValueError, ValueError), (cg.MissingValueError, ValueError),
        (cg.UnknownNameError, LookupError), (cg.AmbiguousNameError, LookupError), (cg.ParseError, ValueError),
        (cg.StoreError, ValueError), (cg.DiagramError, RuntimeError), (NonFiniteWarning, UserWarning),
    ],
)  # fmt: skip
def test_each_exception_is_also_what_python_would_raise(error: type[Exception], builtin: type[Exception]) -> None:
    assert issubclass(error, builtin)


@pytest.mark.parametrize("error", EXCEPTIONS)
def test_every_exception_is_public_and_prints_its_message_as_it_is(error: type[CompgraphError]) -> None:
    assert getattr(cg, error.__name__) is error
    raised = error("no node is named 'x'")
    assert raised.message in str(raised)
    assert "'x'" in str(raised)


def test_the_user_s_line_ends_the_traceback() -> None:
    with pytest.raises(cg.GraphTypeError) as caught:
        Node("a")
    line = inspect.currentframe().f_lineno - 1
    assert traceback.format_exception(caught.value)[-1] == f"your line: {__file__}:{line}\n"


def test_the_line_is_that_of_the_read_and_not_of_the_package() -> None:
    z = Node(name="w") * 2
    with pytest.raises(cg.MissingValueError) as caught:
        _ = z.value
    line = inspect.currentframe().f_lineno - 1
    assert caught.value.__notes__ == [f"your line: {__file__}:{line}"]


def test_a_warning_points_at_the_user_s_line() -> None:
    z = cg.log(Node(0.0))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        _ = z.value
    line = inspect.currentframe().f_lineno - 1
    assert [(entry.filename, entry.lineno) for entry in caught] == [(__file__, line)]


@pytest.mark.parametrize("error", [error for error in EXCEPTIONS if error is not ParseError])
def test_exceptions_pass_between_processes(error: type[CompgraphError]) -> None:
    back = pickle.loads(pickle.dumps(error("what happened")))
    assert (type(back), str(back)) == (error, "what happened")


def test_a_parse_error_points_below_its_column() -> None:
    error = ParseError("no", source="z = qqq(x)", line=2, column=5)
    assert str(error) == "line 2, column 5: no\n  z = qqq(x)\n      ^"
    assert (error.line, error.column, error.source) == (2, 5, "z = qqq(x)")


def test_a_parse_error_passes_between_processes() -> None:
    error = ParseError("no", source="z = qqq(x)", line=2, column=5)
    back = pickle.loads(pickle.dumps(error))
    assert (str(back), back.line, back.column, back.source) == (str(error), 2, 5, "z = qqq(x)")


def test_an_op_that_is_unknown_gets_the_closest_name() -> None:
    with pytest.raises(cg.UnknownNameError, match=r"no op is named 'sigmoyd'; did you mean 'sigmoid'"):
        cg.record.op_named("sigmoyd")

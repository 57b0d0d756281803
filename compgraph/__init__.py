"""compgraph: expressions become graphs that show, prove and compute their derivatives.

The public names. The engine is imported at once; what draws, explains or needs a library loads on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .declaration import op
from .errors import (
    AmbiguousNameError,
    CompgraphError,
    DiagramError,
    GraphTypeError,
    GraphValueError,
    MissingValueError,
    NonFiniteWarning,
    NotInstalledError,
    ParseError,
    StoreError,
    UnknownNameError,
)
from .forward import hvp, jvp
from .graph import find, inputs, order, replace, same
from .naming import names, trace
from .node import Node, as_typed, constant
from .ops import (
    abs,
    acos,
    acosh,
    add,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    cbrt,
    clip,
    cos,
    cosh,
    div,
    elu,
    equal,
    erf,
    erfc,
    exp,
    expm1,
    floor,
    greater,
    greater_equal,
    hypot,
    leaky_relu,
    less,
    less_equal,
    log,
    log1p,
    log_sigmoid,
    maximum,
    minimum,
    mul,
    neg,
    not_equal,
    pow,
    relu,
    sigmoid,
    sign,
    silu,
    sin,
    sinc,
    sinh,
    softplus,
    sqrt,
    sub,
    tan,
    tanh,
    where,
    xlogy,
)
from .outline import Box, boxes
from .record import ATOM, POWER, PRODUCT, REAL, SUM, Interval, Kink, Op, all_ops
from .reverse import Event, events, grad, hessian, jacobian, value_and_grad, vjp
from .stable.algebraic import compound, powm1
from .stable.exponential import (
    log1mexp,
    log_cosh,
    log_diff_exp,
    log_softmax,
    logaddexp,
    logistic_loss,
    logit,
    logsumexp,
    softmax_ratio,
)
from .stable.normal import erfcx, log_erfc, log_ndtr, ndtr
from .stable.quotients import exprel
from .stable.roots import norm, sqrt1pm1
from .stable.series import cosm1

if TYPE_CHECKING:
    from .checks.assertions import assert_gradients
    from .checks.digits import precision
    from .checks.finite import first_nonfinite
    from .checks.op_checks import check_op
    from .checks.verification import verify
    from .derivations import explain
    from .diagrams import draw
    from .enclosure import Exact, TwinError, Undecided, exact
    from .notebook import load_ipython_extension, unload_ipython_extension, widget
    from .store import load, save
    from .symbolic import Proof, prove
    from .syntax import parse

__all__ = [
    "ATOM",
    "POWER",
    "PRODUCT",
    "REAL",
    "SUM",
    "AmbiguousNameError",
    "Box",
    "CompgraphError",
    "DiagramError",
    "Event",
    "Exact",
    "GraphTypeError",
    "GraphValueError",
    "Interval",
    "Kink",
    "MissingValueError",
    "Node",
    "NonFiniteWarning",
    "NotInstalledError",
    "Op",
    "ParseError",
    "Proof",
    "StoreError",
    "TwinError",
    "Undecided",
    "UnknownNameError",
    "abs",
    "acos",
    "acosh",
    "add",
    "all_ops",
    "as_typed",
    "asin",
    "asinh",
    "assert_gradients",
    "atan",
    "atan2",
    "atanh",
    "boxes",
    "cbrt",
    "check_op",
    "clip",
    "compound",
    "constant",
    "cos",
    "cosh",
    "cosm1",
    "div",
    "draw",
    "elu",
    "equal",
    "erf",
    "erfc",
    "erfcx",
    "events",
    "exact",
    "exp",
    "explain",
    "expm1",
    "exprel",
    "find",
    "first_nonfinite",
    "floor",
    "grad",
    "greater",
    "greater_equal",
    "hessian",
    "hvp",
    "hypot",
    "inputs",
    "jacobian",
    "jvp",
    "leaky_relu",
    "less",
    "less_equal",
    "load",
    "load_ipython_extension",
    "log",
    "log1mexp",
    "log1p",
    "log_cosh",
    "log_diff_exp",
    "log_erfc",
    "log_ndtr",
    "log_sigmoid",
    "log_softmax",
    "logaddexp",
    "logistic_loss",
    "logit",
    "logsumexp",
    "maximum",
    "minimum",
    "mul",
    "names",
    "ndtr",
    "neg",
    "norm",
    "not_equal",
    "op",
    "order",
    "parse",
    "pow",
    "powm1",
    "precision",
    "prove",
    "relu",
    "replace",
    "same",
    "save",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinc",
    "sinh",
    "softmax_ratio",
    "softplus",
    "sqrt",
    "sqrt1pm1",
    "sub",
    "tan",
    "tanh",
    "trace",
    "unload_ipython_extension",
    "value_and_grad",
    "verify",
    "vjp",
    "where",
    "widget",
    "xlogy",
]

_ON_FIRST_USE = {
    "Exact": "enclosure",
    "Proof": "symbolic",
    "TwinError": "enclosure",
    "Undecided": "enclosure",
    "assert_gradients": "checks.assertions",
    "check_op": "checks.op_checks",
    "draw": "diagrams",
    "exact": "enclosure",
    "explain": "derivations",
    "first_nonfinite": "checks.finite",
    "load": "store",
    "load_ipython_extension": "notebook",
    "parse": "syntax",
    "precision": "checks.digits",
    "prove": "symbolic",
    "save": "store",
    "unload_ipython_extension": "notebook",
    "verify": "checks.verification",
    "widget": "notebook",
}

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in _ON_FIRST_USE:
        value = getattr(importlib.import_module(f".{_ON_FIRST_USE[name]}", __name__), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_ON_FIRST_USE})

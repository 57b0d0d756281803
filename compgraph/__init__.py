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
    ParseError,
    StoreError,
    UnknownNameError,
)
from .forward import hvp, jvp
from .graph import Box, boxes, find, inputs, order, replace, same
from .naming import names, trace
from .node import Node, constant
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
    logaddexp,
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
from .record import ATOM, POWER, PRODUCT, REAL, SUM, Interval, Kink, Op
from .reverse import Event, events, grad, hessian, jacobian, value_and_grad, vjp

if TYPE_CHECKING:
    from .derivations import explain
    from .diagrams import draw
    from .notebook import load_ipython_extension, unload_ipython_extension
    from .store import load, save
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
    "GraphTypeError",
    "GraphValueError",
    "Interval",
    "Kink",
    "MissingValueError",
    "Node",
    "NonFiniteWarning",
    "Op",
    "ParseError",
    "StoreError",
    "UnknownNameError",
    "abs",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "boxes",
    "cbrt",
    "clip",
    "constant",
    "cos",
    "cosh",
    "div",
    "draw",
    "elu",
    "equal",
    "erf",
    "erfc",
    "events",
    "exp",
    "explain",
    "expm1",
    "find",
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
    "log1p",
    "log_sigmoid",
    "logaddexp",
    "maximum",
    "minimum",
    "mul",
    "names",
    "neg",
    "not_equal",
    "op",
    "order",
    "parse",
    "pow",
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
    "softplus",
    "sqrt",
    "sub",
    "tan",
    "tanh",
    "trace",
    "unload_ipython_extension",
    "value_and_grad",
    "vjp",
    "where",
    "xlogy",
]

_ON_FIRST_USE = {
    "draw": "diagrams",
    "explain": "derivations",
    "load": "store",
    "load_ipython_extension": "notebook",
    "parse": "syntax",
    "save": "store",
    "unload_ipython_extension": "notebook",
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

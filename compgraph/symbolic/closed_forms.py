"""SymPy in and out: graphs as formulas, and shorter forms proved equal to what they replace.

SymPy is imported when a formula is asked for.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..graph import evaluate, order, replace
from ..node import Node, constant
from ..ops import CONSTANT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["shorter_form", "to_sympy"]

# Ops that keep a formula a fraction of polynomials; pow counts with a whole constant exponent.
_RATIONAL = frozenset({"add", "sub", "mul", "div", "neg", "contribution"})
_LARGEST_EXPONENT = 16

# A numerator or denominator beyond this is noise of a decimal fraction such as 0.1, not a formula.
_LARGEST_NUMBER = 10**6


def to_sympy(node: Node, opaque: Iterable[Node] = ()) -> tuple[Any, dict[Any, Node]]:
    """A graph as a SymPy expression.

    Args:
        node: The root.
        opaque: Nodes that become letters of their own, whatever they are computed from. Inputs always do.

    Returns:
        (expression, {symbol: node}). Symbols are real and called v0, v1, …; names play no part. Floats become the
        exact fractions that they are; an op without a SymPy function enters by its definition.

    Raises:
        ImportError: SymPy is not installed.

    >>> a, y = Node(0.4, "a"), Node(1.0, "y")
    >>> expression, letters = to_sympy((a - y)/2)
    >>> expression, [letters[symbol].name for symbol in sorted(letters, key=str)]
    (v0/2 - v1/2, ['a', 'y'])
    """
    import sympy

    letters = {old: Node() for old in opaque}
    cut = replace(node, letters)
    originals = {letter: old for old, letter in letters.items()}
    symbols: dict[Any, Node] = {}
    values: dict[Node, Any] = {}
    for leaf in order(cut):
        if leaf.args:
            continue
        if leaf.op is CONSTANT:
            values[leaf] = _exact(sympy, leaf._value)
        else:
            values[leaf] = sympy.Symbol(f"v{len(symbols)}", real=True)
            symbols[values[leaf]] = originals.get(leaf, leaf)
    return sympy.sympify(evaluate([cut], values)[0]), symbols


def shorter_form(node: Node) -> Node | None:
    """A shorter expression over the same letters, by exact cancellation of fractions.

    Everything that is not + − · / or a whole power counts as a letter, so nothing but arithmetic is used. The result is
    turned back into a Node first and then proved: its difference to ``node`` cancels to 0 over the rational numbers.

    Args:
        node: An expression over inputs; small, since cancelling multiplies out.

    Returns:
        An expression that equals ``node`` wherever both are defined; None where there is no SymPy, or it fails, or its
        result is not of this kind. Whether it is shorter is for the reader of both to say.

    >>> a, y = Node(0.4, "a"), Node(1.0, "y")
    >>> shorter_form((-y/a + (1 - y)/(1 - a)) * a * (1 - a))
    a − y = −0.6
    """
    try:
        import sympy

        opaque = _irrational(node)
        expression, letters = to_sympy(node, opaque)
        short = _to_node(sympy.cancel(expression), letters)
        if short is None:
            return None
        whole, _ = to_sympy(short - node, opaque)
        return short if sympy.cancel(whole) == 0 else None
    except Exception:  # noqa: BLE001  # a shorter form is a courtesy: the long one stands whatever happens here
        return None


def _exact(sympy: Any, value: float | None) -> Any:
    return sympy.Rational(value) if value is not None and math.isfinite(value) else sympy.sympify(value)


def _irrational(root: Node) -> list[Node]:
    """The outermost nodes that are no fraction of what they read."""
    found: dict[Node, None] = {}
    seen: set[Node] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if node in seen or not node.args:
            continue
        seen.add(node)
        if node.op.name in _RATIONAL:
            stack.extend(reversed(node.args))
        elif node.op.name == "pow" and _is_whole(node.args[1]):
            stack.append(node.args[0])
        else:
            found[node] = None
    return list(found)


def _is_whole(node: Node) -> bool:
    value = node._value if node.op is CONSTANT else None
    return value is not None and value.is_integer() and abs(value) <= _LARGEST_EXPONENT


# --- SymPy back to nodes: sums, products, whole powers and fractions, nothing else ----------------------------------


def _to_node(expression: Any, letters: Mapping[Any, Node]) -> Node | None:
    """The expression as a Node; None where it is more than arithmetic. Its depth is that of a fraction of sums."""
    if expression.is_Symbol:
        return letters[expression]
    if expression.is_Rational:
        return _fraction(int(expression.p), int(expression.q))
    if expression.is_Add:
        return _sum([_to_node(part, letters) for part in _in_order(expression, letters)])
    if expression.is_Mul or expression.is_Pow:
        top, bottom = expression.as_numer_denom()
        if bottom != 1:
            above, below = _signed(top, bottom, letters)
            return None if above is None or below is None else above / below
        return _product(expression, letters)
    return None


def _signed(top: Any, bottom: Any, letters: Mapping[Any, Node]) -> tuple[Node | None, Node | None]:
    """Numerator and denominator, the sign such that the denominator begins with a positive term."""
    if bottom.is_Add and _in_order(bottom, letters)[0].could_extract_minus_sign():
        top, bottom = (-top).expand(), (-bottom).expand()
    return _to_node(top, letters), _to_node(bottom, letters)


def _in_order(addition: Any, letters: Mapping[Any, Node]) -> list[Any]:
    """Terms as a reader expects them: positive ones first, then in the order in which the letters appear."""
    rank = {symbol: index for index, symbol in enumerate(letters)}

    def key(term: Any) -> tuple[bool, list[int], str]:
        ranks = sorted(rank[symbol] for symbol in term.free_symbols) or [len(rank)]  # numbers last
        return term.could_extract_minus_sign(), ranks, str(term)

    return sorted(addition.args, key=key)


def _sum(terms: list[Node | None]) -> Node | None:
    total: Node | None = None
    for term in terms:
        if term is None:
            return None
        if total is None:
            total = term
        elif term.op.name == "neg":
            total = total - term.args[0]
        elif term.op is CONSTANT and term.value < 0:
            total = total - constant(-term.value)
        else:
            total = total + term
    return total


def _product(expression: Any, letters: Mapping[Any, Node]) -> Node | None:
    """A product or a whole power without a denominator; its sign outside."""
    if expression.could_extract_minus_sign() and not expression.is_Pow:
        positive = _to_node(-expression, letters)
        return None if positive is None else -positive
    if expression.is_Pow:
        base, exponent = expression.args
        node = _to_node(base, letters)
        return None if node is None or not exponent.is_Integer else node ** int(exponent)
    result: Node | None = None
    for factor in expression.args:
        node = _to_node(factor, letters)
        if node is None:
            return None
        result = node if result is None else result * node
    return result


def _fraction(top: int, bottom: int) -> Node | None:
    if abs(top) <= _LARGEST_NUMBER and bottom <= _LARGEST_NUMBER:
        return constant(top) if bottom == 1 else constant(top) / constant(bottom)
    value = top / bottom
    return constant(value) if value.as_integer_ratio() == (top, bottom) else None

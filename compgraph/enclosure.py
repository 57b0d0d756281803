"""exact: values and gradients of a graph, each correctly rounded, or known to be undecided.

A graph is computed in balls at 64, 128, … bits until both ends of each answer round to one float. "Two precisions
agree" would not do: log(1 + 1e-300) is 0 at 64 and at 128 bits. A true 0 is settled when its ball lies below half of
the smallest subnormal number. What the twins compute is checked against what was typed, which may need far more bits:
log(1 − σ(z)) as typed takes about 1.44·z.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from .balls import Ball, ball_of, bounds_at, hull, installed_library, partial_of
from .bypass import bypassed
from .errors import CompgraphError, GraphTypeError, GraphValueError
from .graph import labels, order, refresh, typed_form
from .node import Node, match_of
from .ops import CONSTANT
from .ops import abs as absolute
from .reverse import targets
from .twins import twin_form

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from .balls import Bounds
    from .record import Op

__all__ = ["Exact", "TwinError", "Undecided", "exact"]

Graph: TypeAlias = Literal["checked", "effective", "typed"]
Form: TypeAlias = "Callable[[Node], tuple[Op, tuple[Node, ...]]]"

FIRST_BITS, MOST_BITS, TYPED_BITS = 64, 2**15, 2**12
MOST_WORK = 2**28

# How far apart a twin and what was typed may be: rules hold constants such as log 2, which floats round; and by how
# much such a number may move where the answer cancels.
TOLERANCE, TINY = 16 * 2.0**-52, 16 * 2.0**-1074


class TwinError(CompgraphError, AssertionError):
    """A twin answers something else than what was typed: an error in a rule, and not in the graph."""


class Undecided(NamedTuple):
    """A number that so many bits do not settle; it lies between low and high, or is nan where those are infinite.

    Attributes:
        low: A float that is not above it.
        high: A float that is not below it.
        bits: The precision reached.
    """

    low: float
    high: float
    bits: int

    def __str__(self) -> str:
        return f"undecided between {self.low!r} and {self.high!r} at {self.bits} bits"


@dataclass(frozen=True)
class Exact:
    """What :func:`exact` answers; true where every number in it is decided.

    Attributes:
        value: The root's value, the float nearest to the truth; or :class:`Undecided`.
        grad: Its gradient in the shape of ``wrt``, of such numbers.
        bits: The precision that it took.
    """

    value: float | Undecided
    grad: Any
    bits: int

    def __bool__(self) -> bool:
        grad = self.grad
        parts = grad.values() if isinstance(grad, dict) else grad if type(grad) is tuple else (grad,)
        return not any(isinstance(part, Undecided) for part in (self.value, *parts))


def exact(
    root: Node,
    wrt: Any = None,
    *,
    graph: Graph = "checked",
    bits: int = MOST_BITS,
    typed_bits: int = TYPED_BITS,
    work: int = MOST_WORK,
    library: str | None = None,
) -> Exact:
    """The value and the gradient at the inputs' present values, each correctly rounded.

    Inputs and constants count as exactly the floats that they are; the answers are the floats nearest to the true
    value and to the true derivatives there. Kinks, ties and poles are answered as everywhere in the package.

    Args:
        root: A Node.
        wrt: As for :func:`compgraph.grad`: a Node or a name (``.grad`` is one number), a sequence (a tuple), None for
            every input (a dict by name).
        graph: "effective" for the graph as it is computed, by twins; "typed" for what was typed; "checked" for both:
            they are compared, and where the typed one is settled, it is the answer.
        bits: The largest precision to try. Beside it, eˣ is followed up to |x| = 2²⁰⁴⁸; beyond, it is only known to
            be huge or tiny.
        typed_bits: The largest precision to spend on the comparison with what was typed.
        work: The most to spend on each of the graphs, in nodes times bits added up over the precisions tried: the
            precision is not doubled where that would take more. It counts, and measures no time, so that the answer
            is the same everywhere. A graph is always computed once, at 64 bits. The default is some seconds: it lets
            a graph of 4096 nodes reach 2¹⁵ bits, and one of 10⁶ nodes 128.
        library: "flint" (python-flint's Arb) or "mpmath"; left out, the first that is installed.

    Returns:
        An :class:`Exact`, true where every number is decided. One that is not is :class:`Undecided`, with its ends.

    Raises:
        GraphTypeError: The root is not a Node, or a precision is no whole number.
        GraphValueError: No such graph or library, fewer than 2 bits, or no work.
        MissingValueError: An input has no value yet.
        TwinError: The two are further apart than 16 units in the last place: a rule is wrong.
        ImportError: Neither python-flint nor mpmath is installed.

    >>> from compgraph.ops import exp, log
    >>> z = Node(-40.0, "z")
    >>> answer = exact(log(1 + exp(z)))
    >>> answer.value, answer.grad
    (4.248354255291589e-18, {'z': 4.248354255291589e-18})
    >>> exact(exp(z) - exp(Node(-40.0)), wrt=(), bits=128).value.bits
    128
    """
    if not isinstance(root, Node):
        kind = type(root).__name__
        raise GraphTypeError(f"exact takes the Node whose value is asked for, not {root!r} (a {kind})")
    if graph not in {"checked", "effective", "typed"}:
        raise GraphValueError(f"graph={graph!r}: write 'checked', 'effective' or 'typed'")
    for name, precision in (("bits", bits), ("typed_bits", typed_bits)):
        if not isinstance(precision, int):
            raise GraphTypeError(f"{name}={precision!r}: a precision is a whole number of bits, such as 1024")
        if precision < 2:
            raise GraphValueError(f"{name}={precision!r}: a precision is at least 2 bits")
    nodes, shape = targets((root,), wrt)
    if not work >= 1:
        raise GraphValueError(f"work={work!r}: write how many nodes times bits to spend, such as 2**28")
    refresh(root)  # an input without a value is named by it
    library = library or installed_library()
    limits = _Limits(bits, work)
    typed = _steps(root, typed_form)
    steps = typed if graph == "typed" else _steps(root, twin_form)
    inner = bypassed(root).intersection(nodes) if steps != typed else set()
    answers = _settle(steps, root, [None, *(node for node in nodes if node not in inner)], limits, library)
    opened = _steps(root, _open_form(root, inner)) if inner else steps
    if inner:
        answers |= _settle(opened, root, inner, limits, library)
    if graph == "checked" and steps != typed:
        limits = limits._replace(bits=min(bits, typed_bits))
        checks = _settle(typed, root, answers, limits, library, sceptical=True)
        _compare(root, answers, checks, _Forms(typed, steps, opened, inner), library)
        answers |= {
            key: check for key, check in checks.items() if check.number is not None and math.isfinite(check.number)
        }
    grad = shape([answers[node].shown for node in nodes])
    return Exact(answers[None].shown, grad, max(answer.bits for answer in answers.values()))


# --- the graph to compute ------------------------------------------------------------------------------------------


class _Step(NamedTuple):
    node: Node
    op: Op
    args: tuple[Node, ...]


def _steps(root: Node, form: Form) -> list[_Step]:
    """The root's graph where every node has this form; arguments first."""
    needed = {root}
    steps = []
    for node in reversed(order(root, typed=True)):
        if node in needed:
            op, args = form(node)
            needed.update(args)
            steps.append(_Step(node, op, args))
    return steps[::-1]


def _open_form(root: Node, inner: Iterable[Node]) -> Form:
    """Twins, but for those above nodes that are bypassed: ∂root/∂a is that of the graph as typed, with a cut free."""
    above = set(inner)
    for node, _, args in _steps(root, typed_form):
        if not above.isdisjoint(args):
            above.add(node)
    return lambda node: typed_form(node) if node in above else twin_form(node)


# --- balls ---------------------------------------------------------------------------------------------------------


def _values(steps: Iterable[_Step], bounds: Bounds, rounded: Collection[Node] = ()) -> dict[Node, Ball]:
    """Every node's ball; ``rounded`` constants may be off by the tolerance."""
    values: dict[Node, Ball] = {}
    for node, op, args in steps:
        if args:
            values[node] = ball_of(bounds, op(*[values[arg] for arg in args]))
        else:
            values[node] = Ball(bounds, None, None) if node._value is None else ball_of(bounds, node._value)
            if node in rounded:
                ends = [values[node] * (1.0 + TOLERANCE), values[node] * (1.0 - TOLERANCE)]
                values[node] = hull(*ends)
    return values


def _gradients(
    steps: Sequence[_Step], root: Node, wrt: Iterable[Node], values: Mapping[Node, Ball], *, sceptical: bool
) -> dict[Node, Ball] | None:
    """∂root/∂node for every node on a path to ``wrt``: reverse mode in balls.

    Sceptical: None where a partial on the way is not finite, or the value of what it is of, since no derivative is to
    be had there but by convention.
    """
    relevant = set(wrt)
    for node, _, args in steps:
        if any(arg in relevant for arg in args):
            relevant.add(node)
    bounds = values[root].bounds
    adjoint = {root: ball_of(bounds, 1.0)}
    for node, op, args in reversed(steps):
        upstream = adjoint.get(node)
        if upstream is None or (upstream.special == 0 and not sceptical):
            continue
        numbers = [values[arg] for arg in args]
        for index, arg in enumerate(args):
            if arg not in relevant or op.partials[index] is None:
                continue
            partial = partial_of(op, index, values[node], numbers)
            if sceptical and not (_is_regular(partial) and _is_regular(values[node])):
                return None
            if upstream.special == 0 or (partial.special == 0 and op.selects):
                continue
            contribution = upstream * partial
            adjoint[arg] = adjoint[arg] + contribution if arg in adjoint else contribution
    return adjoint


def _is_regular(ball: Ball) -> bool:
    return not ball.is_unknown and (ball.special is None or math.isfinite(ball.special))


# --- rounding ------------------------------------------------------------------------------------------------------


_Sought: TypeAlias = "Node | None"  # a gradient by this node; None: the value


class _Rounded(NamedTuple):
    """A ball and the float that all of it rounds to; None where there is none."""

    ball: Ball
    number: float | None
    bits: int

    @property
    def shown(self) -> float | Undecided:
        return Undecided(*_ends(self.ball), self.bits) if self.number is None else self.number


class _Limits(NamedTuple):
    """The largest precision to try, and the most nodes times bits to spend on the way."""

    bits: int
    work: int


def _precisions(count: int, limits: _Limits) -> Iterator[tuple[int, bool]]:
    """The precisions to try on so many nodes, each with whether it is the last."""
    bits, spent, is_last = min(FIRST_BITS, limits.bits), 0, False
    while not is_last:
        spent, following = spent + count * bits, min(2 * bits, limits.bits)
        is_last = bits == limits.bits or spent + count * following > limits.work
        yield bits, is_last
        bits = following


def _settle(
    steps: Sequence[_Step],
    root: Node,
    sought: Iterable[_Sought],
    limits: _Limits,
    library: str,
    *,
    sceptical: bool = False,
) -> dict[_Sought, _Rounded]:
    """The root's value (None) and ∂root/∂node, at rising precision until each rounds to one float."""
    settled: dict[_Sought, _Rounded] = {}
    pending = dict.fromkeys(sought)
    for bits, is_last in _precisions(len(steps), limits):
        with bounds_at(bits, library) as bounds:
            values = _values(steps, bounds)
            wrt = [node for node in pending if node is not None]
            gradients = _gradients(steps, root, wrt, values, sceptical=sceptical) if wrt else {}
            zero, unknown = ball_of(bounds, 0.0), Ball(bounds, None, None)
            for key in tuple(pending):
                ball = values[root] if key is None else unknown if gradients is None else gradients.get(key, zero)
                settled[key] = _Rounded(ball, _round(ball), bits)
                if settled[key].number is not None or is_last:
                    del pending[key]
        if not pending:
            break
    return settled


def _round(ball: Ball) -> float | None:
    if ball.special is not None:
        return ball.special
    if ball.low is None:
        return None
    low, high = map(ball.bounds.to_float, (ball.low, ball.high))
    return None if low != high else 0.0 if low == 0.0 and ball.sign() is None else low


def _ends(ball: Ball) -> tuple[float, float]:
    """Floats around a ball, as close as floats come."""
    if ball.low is None:
        return -math.inf, math.inf
    bounds = ball.bounds
    low, high = bounds.to_float(ball.low), bounds.to_float(ball.high)
    if math.isinf(low) or bounds.point(low) > ball.low:
        low = math.nextafter(low, -math.inf) if low > -math.inf else low
    if math.isinf(high) or bounds.point(high) < ball.high:
        high = math.nextafter(high, math.inf) if high < math.inf else high
    return low, high


# --- what was typed ------------------------------------------------------------------------------------------------


class _Forms(NamedTuple):
    """What was typed, what is computed, and what is computed for the gradients of the nodes that twins bypass."""

    typed: list[_Step]
    steps: list[_Step]
    opened: list[_Step]
    inner: Collection[Node]


def _compare(
    root: Node, answers: Mapping[_Sought, _Rounded], checks: Mapping[_Sought, _Rounded], forms: _Forms, library: str
) -> None:
    """Raise where a ball and that of what was typed are further apart than twins may be.

    What was typed has no say where it is nan or infinite: removable points, such as 0 of sin(x)/x, are right as their
    limit.
    """
    for node, answer in answers.items():
        check = checks[node]
        with bounds_at(max(answer.bits, check.bits), library) as bounds:
            wrong = _disagree(_again(bounds, answer.ball), _again(bounds, check.ball))
            wrong = wrong and not _agree_but_for_rounding(root, node, forms, bounds)
        if wrong:
            names = labels(root)
            what = names[root] if node is None else f"d{names[root]}/d{names.get(node, node.op.name)}"
            raise TwinError(
                f"{what} is {check.shown} as typed, and {answer.shown} as computed by twins: a rule is wrong. "
                f"To look at first: {_suspects(root, names, check.bits, library)}"
            )


def _agree_but_for_rounding(root: Node, node: _Sought, forms: _Forms, bounds: Bounds) -> bool:
    """Whether the two meet once the numbers that rules rounded may be a few units in the last place off.

    A rule makes log(e·eˣ) of x + log e, and rounds log e: near x = −1 that is all that is left. Those are the numbers
    of one form only; of those typed only the long ones, since arithmetic of short ones rounds nothing.
    """
    steps = forms.opened if node in forms.inner else forms.steps
    typed, twin = ({step.node for step in form if step.op is CONSTANT} for form in (forms.typed, steps))
    consumed = {constant for constant in typed - twin if _is_long(constant._value)}
    balls = [
        _ball_of_sought(form, root, node, bounds, rounded)
        for form, rounded in ((steps, twin - typed), (forms.typed, consumed))
    ]
    return all(map(_is_regular, balls)) and not _disagree(*balls)


def _is_long(number: float | None) -> bool:
    """Whether a number has more than half of a float's digits, so that its products are rounded."""
    return number is not None and math.isfinite(number) and float(number).as_integer_ratio()[0].bit_length() > 26


def _ball_of_sought(
    steps: Sequence[_Step], root: Node, node: _Sought, bounds: Bounds, rounded: Collection[Node]
) -> Ball:
    values = _values(steps, bounds, rounded)
    if node is None:
        return values[root]
    gradients = _gradients(steps, root, [node], values, sceptical=True)
    return Ball(bounds, None, None) if gradients is None else gradients.get(node, ball_of(bounds, 0.0))


def _again(bounds: Bounds, ball: Ball) -> Ball:
    """A ball found at other bits."""
    return Ball(bounds, ball.low, ball.high, ball.special)


def _disagree(twin: Ball, typed: Ball) -> bool:
    if not _is_regular(typed) or twin.is_unknown:
        return False
    if not _is_regular(twin):
        return True
    excess = absolute(twin - typed) - (absolute(typed) * TOLERANCE + TINY)
    return bool(excess.sign() == 1)


def _suspects(root: Node, names: Mapping[Node, str], bits: int, library: str) -> str:
    """The first node whose twin disagrees with what was typed at the same arguments; else all that have twins."""
    steps = [_Step(node, node.op, node.args) for node in order(root, typed=True)]
    with bounds_at(bits, library) as bounds:
        values = _values(steps, bounds)
        twins = [step for step in steps if step.node.typed is not None]
        for node, *_ in twins:
            op, args = typed_form(node)
            if _disagree(values[node], ball_of(bounds, op(*[values[arg] for arg in args]))):
                return _described(node, names)
    return "; ".join(_described(step.node, names) for step in twins[:5])


def _described(node: Node, names: Mapping[Node, str]) -> str:
    (op, args), match = typed_form(node), match_of(node)
    typed, twin = (
        f"{form.name}({', '.join(names.get(arg, '…') for arg in parts)})"
        for form, parts in ((op, args), (node.op, node.args))
    )
    return f"{names.get(node, '…')} = {typed} computed as {twin}" + (f" ({match.rule.why})" if match else "")

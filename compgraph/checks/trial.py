"""Claims about gradients, tried on a copy of the graph at one point after another."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from ..copying import copy_into
from ..enclosure import Undecided, exact
from ..graph import COMPARISONS, inputs, labels, order, peek, replace, typed_form
from ..node import Node
from ..record import Kink
from ..reverse import adjoints, events, grad
from ..symbolic import prove

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ..symbolic import Proof

__all__ = ["Claim", "Sides", "Trial"]

_ROUNDING = 16.0 * sys.float_info.epsilon  # of what flows along all paths: what sums in floats may leave behind
_NUMBERS = 1e-9  # how far a plain number may be off: it was computed in floats, or typed
_ENGINE = 1e-9  # how far the engine's number may be off the truth; further, and digits were lost


class Claim(NamedTuple):
    """∂root/∂node = form."""

    node: Node
    form: Node | float


class Sides(NamedTuple):
    """Both sides of a claim at a point: what the engine computes, and what the closed form comes to.

    Attributes:
        gradient: ∂root/∂node; correctly rounded where the engine's own number is not in question.
        form: The closed form's number.
        fault: Why they do not agree; empty where they do.
    """

    gradient: float
    form: float
    fault: str


class Trial:
    """A graph and claims about its gradients; copied, so that the user's own nodes stay as they are.

    Args:
        root: What is differentiated.
        claims: The claims about it.
        held: Inputs that do not move.
        rtol: The largest relative difference that passes.

    Attributes:
        root: The copy of the root, and
        claims: of the claims.
        present: The copies of the inputs that move, with their present values.
    """

    def __init__(self, root: Node, claims: Sequence[Claim], held: Collection[Node], rtol: float) -> None:
        memo: dict[int, Any] = {}
        self.root, self._rtol = copy_into(root, memo), rtol
        self.claims = tuple(
            Claim(memo[id(node)], copy_into(form, memo) if isinstance(form, Node) else form) for node, form in claims
        )
        fixed = {id(memo.get(id(node))) for node in held}
        graphs = [self.root, *(form for _, form in self.claims if isinstance(form, Node))]
        self._held = {memo[id(node)]: node._value or 0.0 for node in held if id(node) in memo}
        self.present = {node: node._value or 0.0 for node in inputs(*graphs) if id(node) not in fixed}

    def return_to_the_present(self) -> None:
        """Set the inputs to their present values."""
        self.go_to(self.present)

    def go_to_names(self, point: Mapping[str, float]) -> None:
        """Set the inputs that move, by what they are called."""
        names = labels(self.root)
        self.go_to({node: point[names[node]] for node in self.present if names.get(node) in point})

    def proof(self, claim: Claim) -> Proof:
        """What there is to say of a claim as one of functions; inputs that are held count as numbers."""
        slope, form = grad(self.root, claim.node), claim.form
        if self._held:
            slope = replace(slope, self._held)
            form = replace(form, self._held) if isinstance(form, Node) else form
        return prove(slope, form)

    def go_to(self, point: Mapping[Node, float]) -> None:
        """Set the inputs."""
        for node, value in point.items():
            node.value = value

    def is_defined(self) -> bool:
        """Whether the root and every gradient that is claimed have finite values here."""
        value = peek(self.root)
        if value is None or not math.isfinite(value):
            return False
        slopes = adjoints(self.root, [claim.node for claim in self.claims])
        return all(math.isfinite(slopes.get(claim.node, 0.0)) for claim in self.claims)

    def is_at_a_kink(self) -> bool:
        """Whether some op has no unique slope here, or a comparison switches."""
        return any(
            kink.gap(*[peek(arg) for arg in args]) == 0
            for op, args in map(typed_form, order(self.root, typed=True, twins=False))
            for kink in (Kink("", lambda u, v: u - v),) * (op.name in COMPARISONS) + op.kinks
        )

    def sides(self, claims: Iterable[Claim]) -> list[Sides]:
        """Both sides of some of the claims, here."""
        slopes = adjoints(self.root, [claim.node for claim in self.claims])
        return [self._sides(claim, slopes.get(claim.node, 0.0)) for claim in claims]

    @staticmethod
    def number_of(claim: Claim) -> float:
        """What the closed form comes to here, in floats."""
        value = claim.form if isinstance(claim.form, float) else peek(claim.form)
        return math.nan if value is None else value

    def _sides(self, claim: Claim, gradient: float) -> Sides:
        form = self.number_of(claim)
        rtol = max(self._rtol, _NUMBERS) if isinstance(claim.form, float) else self._rtol
        if gradient == form or math.isclose(gradient, form, rel_tol=self._rtol):
            return Sides(gradient, form, "")
        blur = self._rounding(claim.node)
        truth = exact(self.root, claim.node).grad
        right = exact(claim.form, ()).value if isinstance(claim.form, Node) else form
        if isinstance(truth, Undecided) or isinstance(right, Undecided):
            agrees = math.isclose(gradient, form, rel_tol=_NUMBERS, abs_tol=blur)
            return Sides(gradient, form, "" if agrees else "they differ, as far as floats can tell")
        if not math.isclose(truth, right, rel_tol=rtol, abs_tol=0.0 if isinstance(claim.form, Node) else blur):
            return Sides(truth, right, "they differ")
        if not math.isclose(gradient, truth, rel_tol=_ENGINE, abs_tol=blur):
            return Sides(gradient, truth, "the engine's number has lost digits: compgraph.verify says where")
        return Sides(truth, right, "")

    def _rounding(self, node: Node) -> float:
        """What rounding may leave of a gradient: Σ over paths of the products of the partials' sizes, in ulps."""
        flow: dict[Node, float] = {self.root: 1.0}
        for event in events(self.root, typed=True):
            share = abs(event.partial) * flow.get(event.node, 0.0)
            arg = typed_form(event.node)[1][event.index]
            flow[arg] = flow.get(arg, 0.0) + (share if math.isfinite(share) else 0.0)
        return _ROUNDING * flow.get(node, 0.0)

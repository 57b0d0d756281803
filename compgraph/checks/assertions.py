"""Assertions for tests: gradients against closed forms, at the present values and at random points."""

from __future__ import annotations

import inspect
import re
import warnings
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..arith import to_float
from ..codegen.printer import formula, text_name
from ..derivations import explain
from ..diagrams import draw
from ..errors import CompgraphError, GraphTypeError, GraphValueError, NonFiniteWarning
from ..graph import find, inputs, labels, order, peek, refresh, typed_form
from ..node import Node
from ..reverse import adjoints, events, targets
from .disagreement import Disagreement, told
from .hints import Sample, hint
from .points import random_points
from .settings import SETTINGS
from .trial import Claim, Sides, Trial
from .verification import verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    ClosedForm = Node | float | Callable[..., Node | float]

__all__ = ["assert_gradients"]

_TRIES = 20  # random points looked at for each that is wanted: many may lie outside the domain
_SAMPLES_FOR_A_HINT = 6
_LARGEST_PROVED = 5000  # of a graph with more nodes no proof is tried unless it is asked for


def assert_gradients(
    root: Node,
    closed_forms: Mapping[Node | str, ClosedForm],
    *,
    samples: int | None = None,
    seed: int | None = None,
    keep: Iterable[Node | str] = (),
    rtol: float = 1e-12,
    prove: bool | None = None,
) -> None:
    """Assert that gradients of a graph are what closed forms say.

    The gradient that ``root.backward()`` would set is compared with the closed form, first at the inputs' present
    values, then at random points, then as functions (:func:`compgraph.prove`). Where the two floats differ, enclosures
    of both decide (:func:`compgraph.exact`): a closed form such as a − y is not blamed for the digits that it loses in
    floats at z = 40, and a wrong one is not excused. Nothing of the graph is changed, neither values nor gradients.

    Args:
        root: A Node whose inputs all have values.
        closed_forms: For each node, by itself or by its name, what ∂root/∂node should be: a Node over the same inputs
            or inner nodes; a function of nodes, called once with those that its parameters name; or a number, which is
            compared at the present values alone. An inner node's gradient is that of the graph as typed, cut there.
        samples: At how many random points to compare as well, 16 unless ``--compgraph-samples`` says otherwise. With 0
            only the present values count: for a form that holds on one side of a kink only.
        seed: Where the random points begin; 0 unless ``--compgraph-seed`` says otherwise.
        keep: Inputs, or their names, that stay at their present values.
        rtol: The largest relative difference that passes; of plain numbers, 1e-9 passes.
        prove: Whether each form must be proved equal to the gradient. Left out, a proof that there is none (a point at
            which the two differ) fails the assertion, and one that is not found does not.

    Raises:
        AssertionError: A gradient differs. The message has the expression, both sides with the digit where they part,
            the point, the chain rule behind the gradient, and the path of a picture.
        GraphTypeError: The root is not a Node, or a closed form is none of the three.
        GraphValueError: There are no closed forms, one is given for a node that is not in the graph, or ``samples`` is
            negative.
        MissingValueError: An input has no value yet.

    >>> from compgraph.ops import log, sigmoid
    >>> w, x, y = Node(0.5, "w"), Node(3.0, "x"), Node(1.0, "y")
    >>> z = (w*x).named("z")
    >>> a = sigmoid(z).named("a")
    >>> L = -(y*log(a) + (1 - y)*log(1 - a))
    >>> assert_gradients(L, {z: a - y, w: x*(a - y), "y": lambda z: -z, x: w.value*(a.value - 1)})
    """
    __tracebackhide__ = True
    claims = _claims(root, closed_forms)
    held = targets((root,), list(keep), "keep")[0]
    count = SETTINGS.samples if samples is None else samples
    if count < 0:
        raise GraphValueError(f"samples = {count!r}: write how many random points to try, 0 for none")
    trial = Trial(root, claims, held, rtol)
    first = SETTINGS.seed if seed is None else seed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NonFiniteWarning)  # of points that are tried, and of what is told of a failure
        found, compared = _first_disagreement(trial, count, first)
        if found is None and (prove or (prove is None and count)):
            found = _unproved(trial, first, required=bool(prove) or compared < min(count, 1))
        message = "" if found is None else told(found)
    if message:
        raise AssertionError(message)


def verified(root: Node, wrt: Any = None) -> str:
    """What :func:`compgraph.verify` finds wrong, with the chain rule behind the first of it and a picture; or nothing.

    >>> verified(Node(3.0, "x")**2)
    ''
    """
    report = verify(root, wrt)
    if report:
        return ""
    names = labels(root)
    first = next(row.name for row in report.rows if row.verdict != "agrees")
    node = next(node for node, name in names.items() if name == first)
    lines = [str(report), "", f"picture: {_picture(root, first)}", f"the chain rule of d{text_name(first)}:"]
    return "\n".join([*lines, *(f"  {line}" for line in str(explain(root, of=node)).splitlines())])


# --- what is claimed -----------------------------------------------------------------------------------------------


def _claims(root: Node, closed_forms: Mapping[Node | str, ClosedForm]) -> list[Claim]:
    if not isinstance(root, Node):
        raise GraphTypeError(f"assert_gradients takes the Node that is differentiated, not {root!r}")
    if not hasattr(closed_forms, "items"):
        raise GraphTypeError(f"closed forms are a dict, node to form, as in {{z: a - y}}; not {closed_forms!r}")
    if not closed_forms:
        raise GraphValueError("without closed forms nothing would be asserted: give them as in {z: a - y}")
    refresh(root)  # an input without a value is named by it
    names = labels(root)
    nodes, _ = targets((root,), list(closed_forms), "closed_forms")
    for node in nodes:
        if node not in names:
            raise GraphValueError(
                f"{text_name(names[root])} does not depend on the node [{node!r}], whose form is given"
            )
    forms = zip(nodes, closed_forms.values(), strict=True)
    return [Claim(node, _form(root, text_name(names[node]), form)) for node, form in forms]


def _form(root: Node, name: str, form: Any) -> Node | float:
    """A closed form as a Node or a number; a function is called with the nodes that its parameters name."""
    if callable(form) and not isinstance(form, Node):
        form = form(**{parameter: find(root, parameter) for parameter in inspect.signature(form).parameters})
    if isinstance(form, Node):
        refresh(form)
        return form
    try:
        return to_float(form)
    except GraphTypeError as error:
        raise GraphTypeError(f"the closed form for d{name}: {error}") from None


# --- the comparison ------------------------------------------------------------------------------------------------


def _first_disagreement(trial: Trial, count: int, seed: int) -> tuple[Disagreement | None, int]:
    """What differs first, and at how many random points formulas were compared; as many as asked for without any."""
    for claim, sides in zip(trial.claims, trial.sides(trial.claims), strict=True):
        if sides.fault:
            return _described(trial, claim, sides, "at the present values", seed), 0
    forms = [claim for claim in trial.claims if isinstance(claim.form, Node)]
    if not forms:
        return None, count
    index = 0
    for index, _ in enumerate(islice(_defined(trial, seed, count), count), 1):
        for claim, sides in zip(forms, trial.sides(forms), strict=True):
            if sides.fault:
                where = f"at random point {index} of seed {seed}, though not at the present values"
                return _described(trial, claim, sides, where, seed), index
    return None, index


def _defined(trial: Trial, seed: int, count: int) -> Iterator[Mapping[Node, float]]:
    """Random points, one after another, at which the root, its gradients and the closed forms are finite."""
    for point in islice(random_points(trial.present, seed), _TRIES * count):
        trial.go_to(point)
        if trial.is_defined():
            yield point


def _unproved(trial: Trial, seed: int, *, required: bool) -> Disagreement | None:
    """The first form that a proof refutes; where one is required, also the first that it leaves undecided."""
    if not required and len(order(trial.root)) > _LARGEST_PROVED:
        return None
    for claim in trial.claims:
        if isinstance(claim.form, float):
            continue
        trial.return_to_the_present()
        proof = trial.proof(claim)
        if proof.status == "refuted":
            trial.go_to_names(proof.counterexample or {})
            # The form need not hold outside the domain, nor know the convention of a kink.
            if trial.is_defined() and (required or not trial.is_at_a_kink()):
                (sides,) = trial.sides([claim])
                where = "at a point that refutes the form, though not at those tried before"
                return _described(trial, claim, sides._replace(fault="they differ"), where, seed, proof=str(proof))
        if required and not proof:
            trial.return_to_the_present()
            (sides,) = trial.sides([claim])
            fault = sides._replace(fault="no difference was found, and no proof")
            return _described(trial, claim, fault, "at the present values", seed, proof=str(proof))
    return None


# --- what a disagreement says --------------------------------------------------------------------------------------


def _described(trial: Trial, claim: Claim, sides: Sides, where: str, seed: int, *, proof: str = "") -> Disagreement:
    names = labels(trial.root)
    return Disagreement(
        root=names[trial.root],
        expression=_formula(trial.root),
        node=names[claim.node],
        gradient=sides.gradient,
        form=_formula(claim.form) if isinstance(claim.form, Node) else "",
        number=sides.form,
        fault=sides.fault,
        where=where,
        point=tuple((names[node], peek(node) or 0.0) for node in inputs(trial.root)),
        proof=proof,
        derivation=str(explain(trial.root, of=claim.node)),
        picture=_picture(trial.root, names[claim.node]),
        hint=_hint(trial, claim, names, seed) if isinstance(claim.form, Node) else "",  # last: it goes to other points
    )


def _formula(node: Node) -> str:
    return formula(node, labels(node), lambda inner: inner.name is not None)


def _picture(root: Node, name: str) -> str:
    """The path of a picture of the graph; why there is none, where that fails: the assertion must get through."""
    path = SETTINGS.folder() / f"d{re.sub(r'[^0-9A-Za-z_-]+', '-', name) or 'node'}.svg"
    try:
        draw(root).save(path)
    except (CompgraphError, OSError) as error:
        return f"none ({error})"
    return str(path)


def _hint(trial: Trial, claim: Claim, names: Mapping[Node, str], seed: int) -> str:
    points = islice(_defined(trial, seed, _SAMPLES_FOR_A_HINT), _SAMPLES_FOR_A_HINT)
    return hint(names[claim.node], [_sample(trial, claim, names) for _ in points])


def _sample(trial: Trial, claim: Claim, names: Mapping[Node, str]) -> Sample:
    named = {node: name for node, name in names.items() if node.name}
    slopes = adjoints(trial.root)
    shares: dict[str, float] = {}
    for event in events(trial.root, typed=True):
        if typed_form(event.node)[1][event.index] is claim.node:
            consumer = names[event.node]
            shares[consumer] = shares.get(consumer, 0.0) + event.contribution
    return Sample(
        slopes.get(claim.node, 0.0),
        trial.number_of(claim),
        {name: peek(node) or 0.0 for node, name in named.items()},
        {name: slopes.get(node, 0.0) for node, name in named.items() if node is not claim.node},
        shares,
    )

"""What a wrong closed form has in common with the gradient: the easy mistakes, each tried at several points."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from ..codegen.printer import number, text_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Sample", "hint"]

_CLOSE = 1e-9
_FEWEST = 3  # at fewer points anything may be so by accident
_LARGEST_FACTOR = 1000


class Sample(NamedTuple):
    """What is known at one point.

    Attributes:
        gradient: The gradient, and
        form: the closed form that is not it.
        values: The named nodes' values.
        slopes: The named nodes' gradients.
        shares: What each of its consumers passes on to the node, by the consumer's name.
    """

    gradient: float
    form: float
    values: Mapping[str, float]
    slopes: Mapping[str, float]
    shares: Mapping[str, float]


def hint(name: str, samples: Sequence[Sample]) -> str:
    """The one simple mistake that explains the closed form at every point; empty where none does.

    >>> hint("w", [Sample(2.0*x, -2.0*x, {"x": x}, {}, {}) for x in (1.0, 2.0, 3.0)])
    'your form has the other sign'
    >>> hint("w", [Sample(2.0*x, 2.0, {"x": x}, {}, {}) for x in (1.0, 2.0, 3.0)])
    'your form lacks the factor x'
    """
    telling = [sample for sample in samples if sample.gradient and sample.form]
    if len(telling) < _FEWEST:
        return ""
    for text, forms in _guesses(name, telling):
        if all(_close(guess, sample.form) for guess, sample in zip(forms, telling, strict=True)):
            return text
    return ""


def _guesses(name: str, samples: Sequence[Sample]) -> Iterator[tuple[str, list[float]]]:
    """Mistakes in words, and the closed form that each would make at the points."""
    first = samples[0]
    yield "your form has the other sign", [-it.gradient for it in samples]
    ratio = first.form / first.gradient
    if _is_plain(ratio):
        yield f"your form is {_times(ratio)} the gradient", [ratio * it.gradient for it in samples]
    for other in first.values:
        text = text_name(other)
        yield f"your form lacks the factor {text}", [_divided(it.gradient, it.values[other]) for it in samples]
        yield f"your form has the factor {text} too much", [it.gradient * it.values[other] for it in samples]
    for other in first.slopes:
        yield f"your form is d{text_name(other)}, not d{text_name(name)}", [it.slopes[other] for it in samples]
    if len(first.shares) < 2:  # all comes through the one: to have only that is no mistake
        return
    for user in first.shares:
        text = f"your form leaves out what comes through {text_name(user)}"
        yield text, [sum(share for other, share in it.shares.items() if other != user) for it in samples]
    for user in first.shares:
        yield f"your form has only what comes through {text_name(user)}", [it.shares.get(user, 0.0) for it in samples]


def _divided(top: float, bottom: float) -> float:
    return top / bottom if bottom else math.nan


def _close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=_CLOSE)


def _is_plain(ratio: float) -> bool:
    """Whether a ratio is one that somebody forgets: 2, ½, −3, not 0.7316."""
    whole = max(abs(ratio), 1.0 / abs(ratio))
    return _close(whole, round(whole)) and 1 < round(whole) < _LARGEST_FACTOR


def _times(ratio: float) -> str:
    if abs(ratio) > 1:
        return f"{number(float(round(ratio)))} times"
    return f"{'−' if ratio < 0 else ''}1/{round(abs(1.0 / ratio))} of"

"""Rules about (f(v + d) − f(v))/d, which is 0/0 at d = 0, and its slopes near 0; growth over its rate."""

from __future__ import annotations

from ..ops import cos, log, sin, sinc, sqrt, where
from ..rewrite import Rule, Variable
from ..stable.algebraic import compound_m1, log_increment, pow_increment, powm1
from ..stable.quotients import log1p_over
from ..stable.rates import boxcox, compound_over
from ..stable.trigonometric import cos_increment, sin_increment, tan_increment

__all__ = ["RULES"]

d, v, n = Variable("d"), Variable("v"), Variable("n")

_WHY = "near d = 0 its slopes are differences of large numbers; 0/0 is nan at d = 0"
_LIMIT = "wherever f is defined; at d = 0, where it is 0/0 as typed, the limit"

RULES: tuple[Rule, ...] = (
    Rule(pow_increment(d, v, 0.5) / d, 1 / (sqrt(v + d) + sqrt(v)), _LIMIT, _WHY),
    Rule(pow_increment(d, v, -1.0) / d, -1 / v / (v + d), _LIMIT, _WHY),
    Rule(pow_increment(d, v, 2.0) / d, 2 * v + d, _LIMIT, _WHY),
    Rule(pow_increment(d, v, 3.0) / d, (v + d) ** 2 + ((v + d) * v + v**2), _LIMIT, _WHY),
    Rule(sin_increment(d, v) / d, sinc(d / 2) * cos(v + d / 2), _LIMIT, _WHY),
    Rule(cos_increment(d, v) / d, -sinc(d / 2) * sin(v + d / 2), _LIMIT, _WHY),
    Rule(tan_increment(d, v) / d, sinc(d) / (cos(v) * cos(v + d)), _LIMIT, _WHY),
    Rule(log_increment(d, v) / d, where(v > 0, log1p_over(d / v) / v, -log(v) / d), _LIMIT, _WHY),
    Rule(compound_m1(d, n) / d, compound_over(d, n), "for d ≥ −1, and below for whole n", _WHY),
    Rule(d / compound_m1(d, n), 1 / compound_over(d, n), "for d ≥ −1, and below for whole n", _WHY),
    Rule(powm1(d, n) / n, boxcox(d, n), "for d > 0; at n = 0 the limit", "near n = 0 its slopes cancel"),
)

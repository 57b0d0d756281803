"""What every op prints as, in text and in LaTeX: one golden file that a reader of mathematics can check by eye."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sampling import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Callable


def test_labels_of_every_op(golden: Callable[[str, str], None]) -> None:
    lines = [f"{op.name:18}{op.text.format(*op.parameters):28}{op.latex.format(*op.parameters)}" for op in BUILT_IN]
    golden("op_labels.txt", "\n".join(lines) + "\n")

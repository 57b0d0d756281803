"""A campaign over random typed programs: what twins win, and what they lose.

    python -m tests.rules.campaign 100000 [first seed]

tries so many points and prints a table and, smallest first, the programs where twins lost digits.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.rules.judging import verdicts
from tests.rules.programs import Writer, function_of, point, size, smaller, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.rules.judging import Point, Verdict
    from tests.rules.programs import Program

POINTS_A_PROGRAM = 4
ROWS = ("value", "gradient", "second derivative")


@dataclass
class Tally:
    """What was counted, by row of the table, and what was lost."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    losses: list[tuple[Program, Verdict]] = field(default_factory=list)
    failures: list[tuple[Program, str]] = field(default_factory=list)

    def try_at(self, program: Program, place: Point, order: int) -> None:
        """Judge and count a program at a point; an exception is a failure."""
        try:
            for verdict in verdicts(function_of(program), place, order):
                self.add(program, verdict)
        except Exception as error:  # noqa: BLE001  # whatever it is, it must not be
            self.failures.append((program, f"{type(error).__name__}: {error}"))

    def add(self, program: Program, verdict: Verdict) -> None:
        """Count one number."""
        row = ROWS[len(verdict.wrt)]
        self.counts[row, "numbers"] += 1
        self.counts[row, "right as typed"] += verdict.typed_error <= 1
        self.counts[row, "right with twins"] += not verdict.is_wrong
        self.counts[row, "lost"] += verdict.is_loss
        self.counts[row, "lost strictly"] += verdict.is_strict_loss
        if verdict.is_loss:
            self.losses.append((program, verdict))

    def __str__(self) -> str:
        columns = ("numbers", "right as typed", "right with twins", "lost", "lost strictly")
        lines = [f"{'':18}" + "".join(f"{column:>18}" for column in columns)]
        lines += [
            f"{row:18}" + "".join(f"{self.counts[row, column]:>18}" for column in columns)
            for row in ROWS
            if self.counts[row, "numbers"]
        ]
        return "\n".join(lines)


def trials(seed: int) -> Iterator[tuple[Program, Point]]:
    """One program and its points, the same for a seed in every run."""
    chance = random.Random(seed)
    count = chance.choice((1, 1, 2, 2, 3))
    program = Writer(chance, count).program(chance.choice((2, 3, 4, 5)))
    for _ in range(POINTS_A_PROGRAM):
        yield program, point(chance, count)


def run(number: int, first: int = 0, *, most: int = 30) -> Tally:
    """Judge so many points of programs of at most so many operations; second derivatives at every fifth program."""
    tally, done, seed = Tally(), 0, first
    while done < number:
        order = 2 if seed % 5 == 0 else 1
        for program, place in trials(seed):
            if size(program) <= most:
                done += 1
                tally.try_at(program, place, order)
        seed += 1
    return tally


def shrunk(program: Program, verdict: Verdict) -> tuple[Program, Verdict]:
    """The smallest program nearby that loses digits in the same way at the same point."""
    order = len(verdict.wrt)
    while True:
        for less in smaller(program):
            found = _first_loss(less, verdict.point, order)
            if found is not None:
                program, verdict = less, found
                break
        else:
            return program, verdict


def _first_loss(program: Program, place: Point, order: int) -> Verdict | None:
    tally = Tally()
    tally.try_at(program, place, order)
    return next((verdict for _, verdict in tally.losses if len(verdict.wrt) == order), None)


def main(number: int, first: int = 0) -> None:
    """Run a campaign and print what came of it."""
    tally = run(number, first)
    sys.stdout.write(f"{number} points from seed {first}\n{tally}\n{len(tally.failures)} exceptions\n")
    sys.stdout.flush()
    lines = []
    kinds: dict[str, list[str]] = {}
    for program, why in tally.failures:
        kinds.setdefault(text(program), []).append(why)
    for program, verdict in tally.losses:
        small, why = shrunk(program, verdict)
        kinds.setdefault(text(small), []).append(str(why))
    for title, whys in sorted(kinds.items(), key=lambda item: (len(item[0]), item[0])):
        lines += [f"{len(whys):4}  {title}", f"      {whys[0]}"]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

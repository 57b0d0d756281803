"""What the assertions go by where a call does not say: set by the pytest plugin, and by nobody else."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SETTINGS", "Settings"]


def _temporary_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="compgraph-"))


@dataclass
class Settings:
    """Defaults of the assertions.

    Attributes:
        samples: At how many points beside the present one closed forms are compared.
        seed: Where the random points begin: the same seed, the same points.
        folder: What makes a folder for the picture of a failure.
    """

    samples: int = 16
    seed: int = 0
    folder: Callable[[], Path] = field(default=_temporary_folder)


#: The ones in force.
SETTINGS = Settings()

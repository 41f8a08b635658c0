"""A table of measured figures, and the shares of disturbances that were met the wrong way.

Overstable: a change that should have cost marks did not. Oversensitive: one that should not have, did.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import fmean


@dataclass
class Table:
    figures: dict[str, tuple[float, str]] = field(default_factory=dict)
    outcomes: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))

    def note(self, name: str, value: float, target: str) -> float:
        self.figures[name] = (value, target)
        return value

    def directed(self, met: Iterable[bool]) -> None:
        """Cases in which marks had to fall, or at least not rise."""
        self.outcomes["overstability"] += met

    def invariant(self, met: Iterable[bool]) -> None:
        """Cases in which marks had to stay."""
        self.outcomes["oversensitivity"] += met

    def text(self) -> str:
        lines = [f"{'disturbance':52} {'found':>8}  target"]
        lines += [f"{name:52} {v:8.2f}  {target}" for name, (v, target) in self.figures.items()]
        for name, met in self.outcomes.items():
            lines.append(f"{name:52} {1 - fmean(met):8.1%}  5 % ({len(met)} cases)")
        return "\n".join(lines)


TABLE = Table()

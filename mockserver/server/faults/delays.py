"""How long a fault waits: always the same, or drawn."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from random import Random
from typing import Literal

# In seconds; a longer draw is this long.
LONGEST = 3_600.0
Distribution = Literal["fixed", "uniform", "normal", "lognormal"]


@dataclass(frozen=True, slots=True)
class Delay:
    """`fixed` lasts `first` seconds; `uniform` lies between both; `normal` has mean and deviation; `lognormal` has the
    median and the deviation of the logarithm."""

    distribution: Distribution
    first: float
    second: float = 0.0

    def draw(self, random: Random) -> float:
        """In seconds, from 0 to LONGEST."""
        match self.distribution:
            case "fixed":
                drawn = self.first
            case "uniform":
                drawn = random.uniform(self.first, self.second)
            case "normal":
                drawn = random.normalvariate(self.first, self.second)
            case "lognormal":
                drawn = random.lognormvariate(log(self.first), self.second)
        return min(max(drawn, 0.0), LONGEST)

"""Whether one side is better than the other, or both are equal within a margin that was declared.

A difference alone never shows that two sides are equal: few seeds leave room for a large one. So
the verdict is "equal" where two one-sided tests put the difference within the margin, else the
side that is better if its p, corrected after Holm, is below ``LEVEL``, else "open".
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, variance

from scipy.stats import t
from statsmodels.stats.multitest import multipletests

from studies.harness.study import Verdicts

LEVEL = 0.05
#: The least variance of a side: with none at all there would be nothing to divide by.
_LEAST = 1e-24
Values = Sequence[float]


@dataclass(frozen=True)
class Contrast:
    """A difference of means whose sides may vary by different amounts.

    Attributes:
        difference: The sum of some means minus the sum of others.
        error: Its standard error.
        freedom: The degrees of freedom after Welch and Satterthwaite.

    Source: Welch, "The generalization of Student's problem when several different population
    variances are involved", Biometrika 34, 1947.
    """

    difference: float
    error: float
    freedom: float

    @classmethod
    def of(cls, plus: Sequence[Values], minus: Sequence[Values]) -> "Contrast":
        """Return the means of the sides in ``plus`` minus those in ``minus``."""
        sides = [*plus, *minus]
        shares = [max(variance(side), _LEAST) / len(side) for side in sides]
        spread = sum(each**2 / (len(side) - 1) for each, side in zip(shares, sides, strict=True))
        difference = sum(map(fmean, plus)) - sum(map(fmean, minus))
        return cls(difference, math.sqrt(sum(shares)), sum(shares) ** 2 / spread)

    def interval(self) -> tuple[float, float]:
        """Return the 95% interval of the difference."""
        reach = float(t.ppf(1 - LEVEL / 2, self.freedom)) * self.error
        return self.difference - reach, self.difference + reach

    def p(self) -> float:
        """Return the p of no difference."""
        return 2 * self._tail(abs(self.difference))

    def p_beyond(self, margin: float) -> float:
        """Return the larger p of the two one-sided tests: of a difference of the margin or more."""
        return self._tail(margin - abs(self.difference))

    def described(self, digits: int) -> dict[str, float]:
        """Return the difference and its interval, to so many digits."""
        low, high = self.interval()
        found = {"difference": self.difference, "low": low, "high": high}
        return {name: round(value, digits) for name, value in found.items()}

    def _tail(self, distance: float) -> float:
        return float(t.sf(distance / self.error, self.freedom))


def judged(
    pairs: Mapping[str, Mapping[str, Values]],
    margins: Mapping[str, float],
    *,
    lower_is_better: bool,
    digits: int = 4,
) -> Verdicts:
    """Return for each pair which side is better, and the first side's mean minus the second's.

    Args:
        pairs: Two sides by their names, by that of the comparison. Holm's correction is over all.
        margins: By the name, how large a difference counts as none.
        lower_is_better: Whether the lower side is the better one.
        digits: To which the difference is noted.
    """
    contrasts = {at: Contrast.of(*([side] for side in pairs[at].values())) for at in pairs}
    tests = [one.p() for one in contrasts.values()]
    corrected = multipletests(tests, LEVEL, "holm")[1] if tests else []
    verdicts: Verdicts = {}
    for (at, one), p in zip(contrasts.items(), corrected, strict=True):
        alike = one.p_beyond(margins[at])
        first, second = pairs[at]
        ahead = first if (one.difference < 0) == lower_is_better else second
        verdicts[at] = {
            "better": "equal" if alike < LEVEL else ahead if p < LEVEL else "open",
            **one.described(digits),
            "p": float(f"{p:.2g}"),
            "equal, p": float(f"{alike:.2g}"),
        }
    return verdicts

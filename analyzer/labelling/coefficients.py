"""Coefficients of agreement between two annotators over nominal labels.

Two sequences of labels go in, a number comes out, or None where a coefficient is undefined. scikit-learn and
krippendorff compute the same (tests compare them); they are not asked, so that a plain install can measure agreement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Sequence

Labels = Sequence[Hashable]


def raw_agreement(first: Labels, second: Labels) -> float | None:
    """Share of the units with the same label, 0 to 1; None for no units."""
    return sum(a == b for a, b in zip(first, second, strict=True)) / len(first) if first else None


def cohen_kappa(first: Labels, second: Labels) -> float | None:
    """Cohen's kappa (1960): 1 is perfect, 0 is chance; None when both give one and the same label to everything."""
    observed = raw_agreement(first, second)
    if observed is None:
        return None
    a, b = Counter(first), Counter(second)
    expected = sum(a[label] * b[label] for label in a) / len(first) ** 2
    return None if expected == 1.0 else (observed - expected) / (1.0 - expected)


def krippendorff_alpha(first: Labels, second: Labels) -> float | None:
    """Krippendorff's alpha for two annotators and nominal labels (Krippendorff 2011); None as for kappa."""
    values = Counter(first) + Counter(second)
    n_values = sum(values.values())
    expected = n_values**2 - sum(count**2 for count in values.values())
    if not expected:
        return None
    differing = 2 * sum(a != b for a, b in zip(first, second, strict=True))
    return 1.0 - (n_values - 1) * differing / expected


def macro_f1(first: Labels, second: Labels) -> float | None:
    """Mean over the labels used of each label's F1; it does not matter who is taken as right. None for no units."""
    if not first:
        return None
    a, b = Counter(first), Counter(second)
    both = Counter(x for x, y in zip(first, second, strict=True) if x == y)
    return sum(2 * both[label] / (a[label] + b[label]) for label in a | b) / len(a | b)


def set_f1(first: Collection[Hashable], second: Collection[Hashable]) -> float | None:
    """F1 of one set against the other; it does not matter which is taken as right. None when both are empty."""
    total = len(first) + len(second)
    return 2 * len(set(first) & set(second)) / total if total else None

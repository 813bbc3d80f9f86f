"""The report card: one multi-objective model against separate ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..inspection import ReportCardDisplay
from ..metrics import pareto_improvement

COLUMNS = (
    "objective",
    "metric",
    "separate",
    "skmo",
    "difference",
    "n_test",
    "n_rarer",
    "trees_separate",
    "trees_skmo",
)

# An area under the curve over fewer rows of one class says little: its standard
# error is about 0.29 / sqrt(rows), 0.05 here (and at most 0.5 / sqrt(rows)).
FEW_ROWS = 30


class ComparisonResult:
    """What :func:`skmo.compare` found.

    ``print`` shows the report card, ``plot`` draws it.

    Parameters
    ----------
    records : list of dict
        One per objective, with the keys of ``table``.
    seconds : dict
        Wall time of the whole fits, under ``"separate"`` and ``"skmo"``.
    n_rows : dict
        Rows under ``"train"``, ``"validation"`` and ``"test"``.
    tolerance : float
        A change of a score up to this size counts as none.
    estimator : estimator or None
        The fitted skmo model.
    separate : sequence
        The separate models.

    Attributes
    ----------
    table : DataFrame or list of dict
        Per objective: ``objective`` (its name), ``metric``, the test scores
        ``separate`` and ``skmo``, their ``difference`` (positive where skmo is
        better), ``n_test`` (observed test rows), ``n_rarer`` (those of a binary
        target's rarer class), ``trees_separate`` and ``trees_skmo`` (trees used
        for predictions). A list if pandas is not installed.
    pareto_improvement : bool
        Whether no objective fell by more than ``tolerance`` and at least one
        rose by more than that. Objectives without a score are left out.
    verdict : str
        The same in words.
    caution : str
        Which binary targets have too few test rows of one class for their
        scores to be trusted; empty if none.
    seconds, n_rows, tolerance
        As given.
    estimator_ : estimator
        The fitted skmo model.
    separate_ : list
        The separate models.

    Examples
    --------
    >>> from skmo import compare
    >>> from skmo.datasets import make_feed
    >>> X, Y = make_feed(1000, random_state=0)
    >>> result = compare(X, Y, objectives=["binary", "binary", "poisson"])
    >>> result.seconds.keys() == {"separate", "skmo"}
    True
    >>> [record["metric"] for record in result.to_records()]
    ['AUC', 'AUC', 'D2']
    """

    def __init__(
        self,
        records: Iterable[Mapping[str, Any]],
        *,
        seconds: Mapping[str, float],
        n_rows: Mapping[str, int],
        tolerance: float,
        estimator: Any = None,
        separate: Sequence[Any] = (),
    ):
        self._records = [dict(record) for record in records]
        self.seconds = dict(seconds)
        self.n_rows = dict(n_rows)
        self.tolerance = tolerance
        self.estimator_ = estimator
        self.separate_ = list(separate)

    @property
    def table(self) -> Any:
        try:
            import pandas as pd
        except ImportError:
            return self.to_records()
        return pd.DataFrame(self._records, columns=list(COLUMNS))

    def to_records(self) -> list[dict[str, Any]]:
        """The table as a list of dicts, without pandas.

        Returns
        -------
        list of dict
        """
        return [dict(record) for record in self._records]

    def _scored(self) -> list[dict[str, Any]]:
        return [r for r in self._records if np.isfinite(r["difference"])]

    @property
    def pareto_improvement(self) -> bool:
        scored = self._scored()
        return bool(scored) and pareto_improvement(
            [r["separate"] for r in scored],
            [r["skmo"] for r in scored],
            tolerance=self.tolerance,
        )

    @property
    def verdict(self) -> str:
        scored = self._scored()
        fell = [r for r in scored if r["difference"] < -self.tolerance]
        n_rose = sum(r["difference"] > self.tolerance for r in scored)
        if fell:
            fell.sort(key=lambda r: r["difference"])
            falls = [f"{r['objective']} fell by {-r['difference']:.4f}" for r in fell]
            text = (
                f"No Pareto improvement: {', '.join(falls)}; {n_rose} of {len(scored)} "
                f"rose (by more than {self.tolerance:g})."
            )
        elif n_rose:
            text = (
                f"Pareto improvement: no objective fell by more than "
                f"{self.tolerance:g} and {n_rose} of {len(scored)} rose."
            )
        elif scored:
            text = f"No difference: no objective moved by more than {self.tolerance:g}."
        else:
            text = "No verdict: no objective has a score."
        unscored = [r["objective"] for r in self._records if r not in scored]
        if unscored and scored:
            text += f" Not scored on the test rows: {', '.join(unscored)}."
        return text

    @property
    def caution(self) -> str:
        few = [
            f"{r['objective']} ({r['n_rarer']})"
            for r in self._scored()
            if r["n_rarer"] is not None and r["n_rarer"] < FEW_ROWS
        ]
        if not few:
            return ""
        return f"Caution, few test rows of the rarer class: {', '.join(few)}."

    def __str__(self) -> str:
        n = len(self._records)
        counts = ", ".join(f"{rows} {part}" for part, rows in self.n_rows.items())
        rows = [["objective", "metric", "separate", "skmo", "difference", "trees"]]
        for r in self._records:
            scores = [f"{r['separate']:.4f}", f"{r['skmo']:.4f}"]
            if np.isnan(r["difference"]):
                scores = ["-", "-", "-"]
            else:
                scores.append(f"{r['difference']:+.4f}")
            trees = f"{r['trees_separate']}/{r['trees_skmo']}"
            rows.append([r["objective"], r["metric"], *scores, trees])
        separate, skmo = self.seconds["separate"], self.seconds["skmo"]
        caution = f"{self.caution}\n" if self.caution else ""
        return (
            f"Report card: {n} objective{'s' * (n > 1)}; rows: {counts}\n\n"
            f"{aligned(rows, left=2)}\n\n{self.verdict}\n{caution}"
            f"Fitting took {separate:.1f} s for {n} separate LightGBM "
            f"model{'s' * (n > 1)} and {skmo:.1f} s for skmo ({pace(separate, skmo)})."
        )

    def __repr__(self) -> str:
        return f"<ComparisonResult of {len(self._records)} objectives: {self.verdict}>"

    def plot(self, ax: Any = None) -> ReportCardDisplay:
        """Draw the report card.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on; None makes a figure.

        Returns
        -------
        ReportCardDisplay
        """
        return ReportCardDisplay.from_result(self, ax=ax)


def aligned(rows: Sequence[Sequence[str]], *, left: int) -> str:
    """Rows of strings as a table of text, the first ``left`` columns flush left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if j < left else cell.rjust(width)
            for j, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def pace(separate: float, skmo: float) -> str:
    """The two times' ratio in words."""
    ratio = separate / max(skmo, 1e-9)
    if 0.95 <= ratio <= 1.05:
        return "as fast"
    if ratio > 1:
        return f"{ratio:.1f} times as fast"
    return f"{1 / ratio:.1f} times as slow"

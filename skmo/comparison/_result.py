"""The report card: one multi-objective model against separate ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ..inspection import ReportCardDisplay
from ..metrics import pareto_improvement
from ._report import report, verdict
from ._statistics import change_in_words

COLUMNS = (
    "objective",
    "metric",
    "separate",
    "skmo",
    "difference",
    "standard_error",
    "lower",
    "upper",
    "change",
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
        Wall time of the whole fits, under ``"separate"``, ``"skmo"`` and the
        peers' names; the sum over folds.
    n_rows : dict
        Rows under ``"train"``, ``"validation"`` and ``"test"``; the mean over
        folds.
    tolerance : float
        A change of a score up to this size counts as none.
    estimator : estimator or None
        The fitted skmo model.
    separate : sequence
        The separate models.
    peers : sequence of str, default=()
        The other models' names.
    unsupported : dict or None, default=None
        What peers could not do.
    confidence : float or None, default=None
        The probability of the intervals; None if there are none.
    fold_records : sequence of dict, default=()
        The scores of each fold.
    estimators : sequence, default=()
        The skmo models of all folds.
    mean_change : dict or None, default=None
        The mean difference over objectives.

    Attributes
    ----------
    table : DataFrame or list of dict
        Per objective: ``objective`` (its name), ``metric``, the test scores
        ``separate`` and ``skmo``, their ``difference`` (positive where skmo is
        better), its ``standard_error`` and interval from ``lower`` to ``upper``
        (None without ``cv``), the ``change`` in words, ``n_test`` (observed test
        rows), ``n_rarer`` (those of a binary target's rarer class),
        ``trees_separate`` and ``trees_skmo`` (trees used for predictions), and
        each peer's score under its name, NaN where it has none. With ``cv``
        scores and trees are means over folds, rows sums. A list if pandas is
        not installed.
    fold_scores : DataFrame or list of dict
        Per fold (counted from 0) and objective the scores of all models and
        ``n_test``.
    pareto_improvement : bool
        Whether no objective fell by more than ``tolerance`` and at least one
        rose by more than that, by the means over folds. Objectives without a
        score are left out.
    verdict : str
        The same in words, with ``cv`` also how many changes are clear: "rose"
        and "fell" by more than ``tolerance`` with an interval that leaves 0
        out, "unchanged" with an interval within ``tolerance``.
    caution : str
        Which binary targets have too few test rows of one class for their
        scores to be trusted; empty if none.
    unsupported : dict
        Per peer that could not do all, a dict from objectives' names to words.
    mean_change : dict or None
        With ``cv`` the mean over objectives of ``difference``, with its
        ``standard_error``, ``lower``, ``upper``, ``change`` and the number of
        objectives that all folds score.
    seconds, n_rows, tolerance, peers, confidence
        As given.
    n_folds : int
        1 without ``cv``.
    estimator_ : estimator
        The fitted skmo model, of the last fold.
    estimators_ : list
        Those of all folds.
    separate_ : list
        The separate models, of the last fold.

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
        peers: Sequence[str] = (),
        unsupported: Mapping[str, Mapping[str, str]] | None = None,
        confidence: float | None = None,
        fold_records: Sequence[Mapping[str, Any]] = (),
        estimators: Sequence[Any] = (),
        mean_change: Mapping[str, Any] | None = None,
    ):
        self._records = [_completed(record, tolerance) for record in records]
        self._fold_records = [dict(record) for record in fold_records]
        self.seconds = dict(seconds)
        self.n_rows = dict(n_rows)
        self.tolerance = tolerance
        self.peers = list(peers)
        self.unsupported = {k: dict(v) for k, v in (unsupported or {}).items()}
        self.confidence = confidence
        self.mean_change = None if mean_change is None else dict(mean_change)
        self.estimator_ = estimator
        self.estimators_ = list(estimators)
        self.separate_ = list(separate)

    @property
    def n_folds(self) -> int:
        return len({record["fold"] for record in self._fold_records}) or 1

    @property
    def table(self) -> Any:
        return _table(self.to_records(), [*COLUMNS, *self.peers])

    @property
    def fold_scores(self) -> Any:
        columns = ["fold", "objective", "metric", "separate", "skmo", *self.peers]
        columns.append("n_test")
        records = [{name: r[name] for name in columns} for r in self._fold_records]
        return _table(records, columns)

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
        return verdict(self._records, self.tolerance, self.n_folds, self.confidence)

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
        return report(self)

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


def _completed(record: Mapping[str, Any], tolerance: float) -> dict[str, Any]:
    """A record with the keys that only several folds fill."""
    nothing = {"standard_error": None, "lower": None, "upper": None}
    word = {"change": change_in_words(record["difference"], None, tolerance)}
    return {**nothing, **word, **record}


def _table(records: list[dict[str, Any]], columns: Sequence[str]) -> Any:
    try:
        import pandas as pd
    except ImportError:
        return records
    return pd.DataFrame(records, columns=list(columns))

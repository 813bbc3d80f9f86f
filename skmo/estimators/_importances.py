"""What objectives, and shared trees, got from each feature."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..boosting import BoostingResult, Head, split_counts, structure_importance


class ImportanceMixin:
    """Importances by gain and by split, per objective and of the shared trees."""

    _result: BoostingResult

    def importances(self, kind: str = "gain", *, trees: str = "all") -> np.ndarray:
        """What each objective got from each feature, in absolute numbers.

        Parameters
        ----------
        kind : {"gain", "split"}, default="gain"
            "gain": what splits on the feature gained in the objective's own
            gradients, whatever the trees were grown on. LightGBM's gain for a
            single objective; on the standardised target where there are several,
            so that objectives compare. "split": how many splits on the feature the
            trees have that the objective predicts with.
        trees : {"all", "shared", "own"}, default="all"
            Which of them: the shared trees, those of its own head, or both.

        Returns
        -------
        ndarray of shape (n_objectives, n_features)
            Float, or int of "split". The shares of the gains of all trees are
            ``objective_importances_``: those of a head that blends are mixed with
            the shared trees' by its share, and add up to as much of both totals,
            since their steps differ in length.

        Raises
        ------
        ValueError
            For another ``kind`` or ``trees``.

        Examples
        --------
        >>> from sklearn.datasets import make_regression
        >>> from skmo import MultiObjectiveRegressor
        >>> X, Y = make_regression(200, 4, n_targets=2, random_state=0)
        >>> est = MultiObjectiveRegressor(n_estimators=5, random_state=0).fit(X, Y)
        >>> est.importances("split").shape
        (2, 4)
        """
        check_is_fitted(self)
        check_choice("kind", kind, ("gain", "split"))
        check_choice("trees", trees, ("all", "shared", "own"))
        result = self._result
        shared = result.importances if kind == "gain" else split_counts(result)
        rows = zip(result.heads, shared, strict=True)
        return np.array([_importance(head, row, kind, trees) for head, row in rows])

    def structure_importances(self, kind: str = "gain") -> np.ndarray:
        """What the shared trees themselves split on, whoever gains from it.

        Parameters
        ----------
        kind : {"gain", "split"}, default="gain"
            "gain": of the structure gradients the trees were grown on, which are
            in other units every round. "split": the number of splits.

        Returns
        -------
        ndarray of shape (n_features,)
            Of the shared trees that an objective's rounds reach.

        Raises
        ------
        ValueError
            For another ``kind``.

        Examples
        --------
        >>> from sklearn.datasets import make_regression
        >>> from skmo import MultiObjectiveRegressor
        >>> X, Y = make_regression(200, 4, n_targets=2, random_state=0)
        >>> est = MultiObjectiveRegressor(n_estimators=5, random_state=0).fit(X, Y)
        >>> est.structure_importances("split").shape
        (4,)
        """
        check_is_fitted(self)
        check_choice("kind", kind, ("gain", "split"))
        return structure_importance(self._result, kind)


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Raise ``ValueError`` for a parameter that is none of these words."""
    if not isinstance(value, str) or value not in choices:
        words = " or ".join(map(repr, choices))
        raise ValueError(
            f"The {name!r} parameter must be {words}. Got {value!r:.200} instead."
        )


def _importance(
    head: Head | None, shared: np.ndarray, kind: str, trees: str
) -> np.ndarray:
    """One objective's importances of the trees that are asked for, (n_features,)."""
    nothing = np.zeros_like(shared)
    if head is None:
        return nothing if trees == "own" else shared
    if head.shared_share == 0:
        shared = nothing
    own = head.trees.gains() if kind == "gain" else head.trees.splits()
    own = own.astype(shared.dtype)
    if trees != "all":
        return shared if trees == "shared" else own
    if kind == "split" or head.continues:
        return shared + own
    total = head.shared_share * shared.sum() + head.share * own.sum()
    return total * head.gains(shared)

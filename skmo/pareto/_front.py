"""A fitted Pareto front, and the point of it that is in use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.utils.validation import check_is_fitted

from ..exceptions import warn_user
from ..metrics import hypervolume, is_pareto_efficient
from ..metrics._points import importances, per_objective
from ._delegate import DelegateMixin
from ._scoring import ObjectiveScores
from ._select import check_bounds, select_point

_CRITERIA = {"preference", "bounds", "knee"}
# How the attributes begin that are of no use beside another front.
_OF_A_FRONT = ("pareto_", "best_", "_met_bounds", "hypervolume_")


class ParetoFrontMixin(DelegateMixin):
    """Publish and select: for searches that end with a set of models.

    A search has parameters ``estimator``, ``refit``, ``selection`` and
    ``reference_point``, and calls `_publish_front`, then `_finish`.
    """

    def select(
        self, preference: Any = None, bounds: Any = None, knee: bool = False
    ) -> int:
        """Put another point of the front to use.

        Exactly one of the three says which. Nothing is fitted: predictions, and
        the attributes ``best_...``, are those of the point from here on.

        Parameters
        ----------
        preference : array-like of shape (n_objectives,), default=None
            Importances of the objectives' scores. With the scores scaled to
            [0, 1] on the front, the point with the least greatest product of
            importance and distance from 1 (the Chebyshev distance from the best
            scores [1]_) is taken; this reaches points of fronts of any shape.
        bounds : dict, default=None
            From names or indices of objectives to least scores. Of the points
            that meet them, the best in the objective without a bound is taken; if
            several are without, or none, the knee of these objectives.
        knee : bool, default=False
            Whether to take the point where the front bulges most [2]_: the
            furthest from the plane through the best score of each objective with
            the worst of the others, after scaling.

        Returns
        -------
        int
            The index into ``pareto_front_``, now ``best_index_``.

        Raises
        ------
        ValueError
            Unless one criterion is given, it is valid, and a point meets it.

        Notes
        -----
        Das measures the distance from the simplex through the points that are
        best in one objective each. For two objectives that is the line here. For
        more these points may coincide, and the plane here is always there. Where
        the front has no bulge, an end is the furthest.

        References
        ----------
        .. [1] R. E. Steuer, E.-U. Choo. "An interactive weighted Tchebycheff
           procedure for multiple objective programming", Mathematical Programming
           26, 1983.
        .. [2] I. Das. "On characterizing the 'knee' of the Pareto curve based on
           normal-boundary intersection", Structural Optimization 18, 1999; see
           also J. Branke, K. Deb, H. Dierolf, M. Osswald. "Finding knees in
           multi-objective optimization", PPSN VIII, 2004. For both references
           others' descriptions were at hand.
        """
        check_is_fitted(self, "pareto_front_")
        index = select_point(
            self.pareto_front_,
            self.objective_names_,
            preference=preference,
            bounds=bounds,
            knee=knee,
        )
        self._use(index, bounds)
        return index

    def _use(self, index: int, bounds: Mapping[Any, float] | None = None) -> None:
        self.best_index_ = index
        self._met_bounds = bounds  # for a picture of the choice
        self.best_scores_ = self.pareto_front_[index]
        self.best_params_ = self.cv_results_["params"][self.pareto_index_[index]]
        if hasattr(self, "pareto_estimators_"):
            self.best_estimator_ = self.pareto_estimators_[index]

    def _use_selection(self) -> None:
        """Put the point to use that the parameter ``selection`` says."""
        if self.selection == "knee":
            self.select(knee=True)
        elif isinstance(self.selection, Mapping):
            self.select(**self.selection)
        else:
            index = self.selection(self.pareto_front_)
            n = len(self.pareto_front_)
            if not isinstance(index, Integral) or not 0 <= index < n:
                raise ValueError(
                    "The 'selection' parameter's callable must return an index into "
                    f"the front, from 0 to {n - 1}. Got {index!r:.200} instead."
                )
            self._use(int(index))

    def _check_choices(self, names: Sequence[str] | None) -> None:
        """Check ``selection`` and ``reference_point``, as far as is known already.

        ``names`` are the objectives', None before the first fit that tells them.
        """
        self._check_selection(names)
        if self.reference_point is not None:
            known = np.size(self.reference_point) or 1 if names is None else len(names)
            self._given_reference(known)

    def _check_selection(self, names: Sequence[str] | None) -> None:
        choice = self.selection
        if choice == "knee" or callable(choice):
            return
        if not isinstance(choice, Mapping) or not _is_criterion(choice):
            raise ValueError(
                "The 'selection' parameter must be 'knee', a dict of one criterion as "
                "{'preference': ...} or {'bounds': ...}, or a callable from the "
                f"front's scores to an index. Got {choice!r:.200} instead."
            )
        if names is not None and choice.get("preference") is not None:
            importances(choice["preference"], len(names), "The preference to select by")
        if names is not None and choice.get("bounds") is not None:
            check_bounds(choice["bounds"], names)

    def _given_reference(self, n_objectives: int) -> np.ndarray:
        name = "The 'reference_point' parameter"
        return per_objective(self.reference_point, name, n_objectives).copy()

    def _publish_front(self, names: Sequence[str], mean: np.ndarray) -> None:
        """The points of ``cv_results_`` that no other one dominates.

        Nothing is left of an earlier fit's front.

        Parameters
        ----------
        names : sequence of str
            Of the objectives.
        mean : ndarray of shape (n_points, n_objectives)
            Mean scores; a point with one that is not finite is left out.
        """
        for name in list(vars(self)):
            if name.startswith(_OF_A_FRONT):
                delattr(self, name)
        usable = np.isfinite(mean).all(axis=1)
        if not usable.any():
            lost = [n for n, k in zip(names, mean.T, strict=True) if not _any(k)]
            raise ValueError(
                f"No point has a finite score in every objective of {list(names)}"
                + (f": there is none at all of {', '.join(lost)}" if lost else "")
                + ". See cv_results_ for the scores, and set error_score='raise' to "
                "see what failed."
            )
        candidates = np.flatnonzero(usable)
        self.objective_names_ = list(names)
        self.pareto_index_ = candidates[is_pareto_efficient(mean[candidates])]
        self.pareto_front_ = mean[self.pareto_index_]
        efficient = np.isin(np.arange(len(mean)), self.pareto_index_)
        self.cv_results_["pareto_efficient"] = efficient
        self.reference_point_ = mean[candidates].min(axis=0)

    def _finish(self, scores: ObjectiveScores, fit_models: Callable[[], list]) -> None:
        """Fit the models, and then all that a bad parameter might break off.

        After such an error, `select` still puts a model to use.
        """
        self._scores = scores  # the parameter may be changed after the fit
        if self.refit:
            self.pareto_estimators_ = fit_models()
        if self.reference_point is not None:
            n_objectives = len(self.objective_names_)
            self.reference_point_ = self._given_reference(n_objectives)
        self.hypervolume_ = _volume(self.pareto_front_, self.reference_point_)
        self._use_selection()


def _is_criterion(choice: Mapping[str, Any]) -> bool:
    """Whether a selection has one criterion, and nothing that is none."""
    given = [v if k == "knee" else v is not None for k, v in choice.items()]
    return sum(map(bool, given)) == 1 and set(choice) <= _CRITERIA


def _any(values: np.ndarray) -> bool:
    return bool(np.isfinite(values).any())


def _volume(front: np.ndarray, reference: np.ndarray) -> float:
    try:
        return float(hypervolume(front, reference))
    except ImportError as error:
        # The front is there all the same, after hours of fits.
        warn_user(f"hypervolume_ is NaN: {error}", UndefinedMetricWarning)
        return np.nan

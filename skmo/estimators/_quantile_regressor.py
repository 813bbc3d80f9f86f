"""Several quantiles of one target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.exceptions import DataConversionWarning

from .._sklearn import Interval, fit_context
from ..balancing import Balancer
from ..boosting.structure import StructureRule
from ..exceptions import warn_user
from ..objectives import Objective, Quantile
from ._base import MultiObjectiveBase
from ._docs import shared_docs
from ._levels import at_levels, central_levels, check_levels, level_names
from ._parameters import check_objectives
from ._rows import Given
from ._session import Asked
from ._targets import check_observed, is_1d, numbers, real_targets, target_columns


@shared_docs
class MultiQuantileRegressor(RegressorMixin, MultiObjectiveBase):
    """Gradient boosting of several quantiles of one target on shared trees.

    One LightGBM tree a round is grown on a mixture of all quantiles' gradients and
    gives each quantile a leaf value of its own. Predictions never cross.

    Parameters
    ----------
    quantiles : array-like of shape (n_quantiles,) or float, \
default=(0.1, 0.5, 0.9)
        The levels, increasing, in (0, 1). A single number makes `predict` return
        one column less: (n_samples,).
    preference : array-like of shape (n_quantiles,), default=None
        Importance of each quantile, non-negative. None means equal ones. They
        decide what trees are grown for; the leaf values of a quantile depend on its
        own loss alone.
    {parameters}

    Attributes
    ----------
    quantiles_ : ndarray of shape (n_quantiles,)
        The levels.
    n_objectives_ : int
        Their number.
    objective_names_ : list of str
        "q0.1" for the level 0.1, and so on.
    {attributes}

    See Also
    --------
    MultiObjectiveRegressor : Several targets, also with
        `skmo.objectives.Quantile` for each.

    Notes
    -----
    Quantiles that are learnt side by side may cross: at some rows the 40 % quantile
    lies above the 50 % one. `predict` returns each row's values in increasing order,
    the rearrangement of Chernozhukov, Fernández-Val and Galichon. No row's sum of
    pinball losses rises by that, whatever the target: of
    :math:`\\rho_\\alpha(y - q) = \\alpha (y - q) + \\max(q - y, 0)` the second part
    does not depend on the order, and :math:`-\\sum_k \\alpha_k q_k` is least where
    levels and values increase together. Losses in ``history_``, and early stopping,
    are of the values before that, and so are ``predict_contrib`` and the models of
    ``to_lightgbm``.

    References
    ----------
    Koenker and Bassett, "Regression quantiles", Econometrica 46 (1978).
    Chernozhukov, Fernández-Val and Galichon, "Quantile and probability curves
    without crossing", Econometrica 78 (2010), proposition 4. Friedman, "Greedy
    function approximation: a gradient boosting machine", Annals of Statistics 29
    (2001), for leaf values that are quantiles of residuals.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo import MultiQuantileRegressor
    >>> rng = np.random.default_rng(0)
    >>> X = rng.uniform(size=(1000, 1))
    >>> y = X[:, 0] * rng.normal(size=1000)
    >>> est = MultiQuantileRegressor(n_estimators=30, random_state=0).fit(X, y)
    >>> low, median, high = est.predict([[0.2], [0.8]]).T
    >>> (high > median).all() and (median > low).all()
    np.True_
    >>> high[1] - low[1] > 2 * (high[0] - low[0])
    np.True_
    >>> est.predict_interval(X, coverage=0.8).shape
    (1000, 2)
    """

    _parameter_constraints: ClassVar[dict[str, list]] = {
        **MultiObjectiveBase._parameter_constraints,
        "quantiles": ["array-like", Interval(Real, 0, 1, closed="neither")],
    }

    def __init__(
        self,
        quantiles: Sequence[float] | float = (0.1, 0.5, 0.9),
        *,
        n_estimators: int = 100,
        learning_rate: float = 0.1,
        num_leaves: int = 31,
        max_depth: int = -1,
        min_child_samples: int = 20,
        min_split_gain: float = 0.0,
        reg_alpha: float = 0.0,
        reg_lambda: float = 0.0,
        subsample: float = 1.0,
        subsample_freq: int = 1,
        colsample_bytree: float = 1.0,
        max_bin: int = 255,
        structure: str | StructureRule = "random",
        balancer: str | Balancer = "equal",
        preference: Sequence[float] | None = None,
        heads: str = "auto",
        head_params: dict[str, Any] | None = None,
        categorical_features: Any = "from_dtype",
        early_stopping: str | bool = "auto",
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 50,
        tol: float | None = None,
        lightgbm_params: dict[str, Any] | None = None,
        warm_start: bool = False,
        on_interrupt: str = "raise",
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ):
        super().__init__(
            n_estimators=n_estimators,
            learning_rate=learning_rate,
            num_leaves=num_leaves,
            max_depth=max_depth,
            min_child_samples=min_child_samples,
            min_split_gain=min_split_gain,
            reg_alpha=reg_alpha,
            reg_lambda=reg_lambda,
            subsample=subsample,
            subsample_freq=subsample_freq,
            colsample_bytree=colsample_bytree,
            max_bin=max_bin,
            structure=structure,
            balancer=balancer,
            preference=preference,
            heads=heads,
            head_params=head_params,
            categorical_features=categorical_features,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            n_iter_no_change=n_iter_no_change,
            tol=tol,
            lightgbm_params=lightgbm_params,
            warm_start=warm_start,
            on_interrupt=on_interrupt,
            n_jobs=n_jobs,
            random_state=random_state,
            verbose=verbose,
        )
        self.quantiles = quantiles

    @fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
        sample_weight_val: Any = None,
        *,
        callbacks: Any = None,
        resume_from: Any = None,
    ) -> MultiQuantileRegressor:
        """Train all quantiles together.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
            NaN counts as missing.
        y : array-like of shape (n_samples,)
            One real target. Rows in which it is NaN are left out.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each row.
        X_val, y_val : default=None
            Validation rows, for early stopping and ``history_``.
        sample_weight_val : default=None
            Their weights.
        callbacks, resume_from : default=None
            As in `MultiObjectiveRegressor.fit`.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            For bad input, before anything is trained.
        """
        _check_one_weight(sample_weight, "sample_weight")
        _check_one_weight(sample_weight_val, "sample_weight_val")
        val = Given(X_val, y_val, sample_weight_val)
        asked = Asked(X, y, {"sample_weight": sample_weight}, callbacks, resume_from)
        return self._fit(Given(X, y, sample_weight), val, asked)

    def _check_rows(self, given: Given, again: bool) -> Any:
        if not again:
            self.quantiles_ = check_levels(self.quantiles, type(self).__name__)
            self._one_level = np.ndim(self.quantiles) == 0
        return super()._check_rows(given, again)

    def _encoding_parameters(self) -> dict[str, str]:
        return {**super()._encoding_parameters(), "quantiles": repr(self.quantiles)}

    def _target_columns(self, y: Any) -> list[np.ndarray]:
        """The one target, once for each quantile."""
        columns = target_columns(y, type(self).__name__)
        if len(columns) > 1:
            raise ValueError(
                f"y must have shape (n_samples,): {type(self).__name__} predicts "
                f"quantiles of one target, and y has {len(columns)} columns. For "
                "several targets use MultiObjectiveRegressor."
            )
        if not is_1d(y):
            warn_user(
                "A column-vector y was passed when a 1d array was expected: y must "
                "have shape (n_samples,), for example using ravel().",
                DataConversionWarning,
            )
        return columns * len(self.quantiles_)

    def _target_names(self, y: Any, n_objectives: int) -> list[str]:
        return level_names(self.quantiles_)

    @property
    def _given_names(self) -> list[str]:
        return ["y"] * len(self.quantiles_)

    def _fit_targets(
        self, columns: list[np.ndarray]
    ) -> tuple[np.ndarray, list[Objective]]:
        target = self._encode_targets(columns, "y")
        check_observed(target[:, :1], ["y"])
        objectives = [Quantile(level) for level in self.quantiles_.tolist()]
        check_objectives(objectives)
        return target, objectives

    def _encode_targets(self, columns: list[np.ndarray], where: str) -> np.ndarray:
        target = real_targets(columns[:1], ["y"], where)
        return np.repeat(target, len(columns), axis=1)

    def _raw_predict(
        self, X: Any, objectives: Sequence[int] | None = None
    ) -> np.ndarray:
        # The place of one quantile among the sorted depends on all others.
        return _rearranged(super()._raw_predict(X))

    def _staged_raw_predict(self, X: Any) -> Iterator[np.ndarray]:
        for raw in super()._staged_raw_predict(X):
            yield _rearranged(raw)

    def _predict_from(self, raw: np.ndarray) -> np.ndarray:
        predictions = np.column_stack(self._result.coder.predict(raw))
        return predictions[:, 0] if self._one_level else predictions

    def predict(self, X: Any, quantiles: Any = None) -> Any:
        """Predict quantiles.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        quantiles : array-like of shape (n_levels,) or float, default=None
            Levels to predict, in any order, none below the least or above the
            greatest one trained. Between two trained levels predictions are
            interpolated linearly in the level. None means those trained.

        Returns
        -------
        ndarray of shape (n_samples, n_levels)
            Increasing with the level; (n_samples,) for a single number. A data frame
            where `set_output` asks for one.

        Raises
        ------
        ValueError
            For levels outside those trained.
        """
        raw = self._raw_predict(X)
        if quantiles is None:
            prediction, names = self._predict_from(raw), self.objective_names_
        else:
            trained = np.column_stack(self._result.coder.predict(raw))
            prediction = at_levels(quantiles, self.quantiles_, trained)
            names = level_names(np.ravel(quantiles))
        return self._in_container(prediction, X, names)

    def predict_interval(self, X: Any, coverage: float = 0.8) -> np.ndarray:
        """Predict the central interval that should hold a share of the targets.

        Nothing is calibrated: on new rows it may hold less, see the user guide.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        coverage : float, default=0.8
            The share, in (0, 1): the interval goes from the level
            ``(1 - coverage) / 2`` to ``(1 + coverage) / 2``.

        Returns
        -------
        ndarray of shape (n_samples, 2)
            Lower and upper ends.

        Raises
        ------
        ValueError
            If one of the two levels is outside those trained.
        """
        return self.predict(X, central_levels(coverage))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The mean over quantiles of the fraction of pinball loss explained.

        D² with the pinball loss: 1 for a perfect prediction, 0 for the best
        constant. Rows without a target are left out.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        float
        """
        return float(np.mean(self.score_objectives(X, y, sample_weight)))

    def score_objectives(self, X: Any, y: Any, sample_weight: Any = None) -> np.ndarray:
        """The numbers that `score` is the mean of.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        ndarray of shape (n_quantiles,)
        """
        _check_one_weight(sample_weight, "sample_weight")
        return self._explained_by(self._raw_predict(X), y, sample_weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = False
        return tags


def _rearranged(raw: np.ndarray) -> np.ndarray:
    """Each row's scores in increasing order.

    They are of one target, with one centre and one scale, so that scores are in
    order where predictions are.
    """
    return np.sort(raw, axis=1)


def _check_one_weight(weight: Any, name: str) -> None:
    """Weights are of rows: scores could not be rearranged otherwise."""
    if weight is None:
        return
    shape = numbers(weight, name).shape
    if len(shape) > 1 and shape[1:] != (1,):
        raise ValueError(
            f"{name} must have shape (n_samples,), one weight per row. Got {shape} "
            "instead. To weigh quantiles use 'preference'."
        )

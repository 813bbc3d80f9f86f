"""What a fitted estimator tells of itself."""

from __future__ import annotations

from copy import copy
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..boosting import (
    BoostingResult,
    Head,
    TreeSum,
    contributions,
    lightgbm_objective,
    lightgbm_text,
    link_of,
    only_scores,
    read_booster,
    split_counts,
    structure_importance,
)
from ..objectives import Objective
from ._features import FeatureEncoder
from ._tree_frame import VALUE, TreeReader, plain
from ._view import ObjectiveClassifier, ObjectiveRegressor, ObjectiveView


class ExplainMixin:
    """Views of single objectives, and what the trees of each are made of."""

    _result: BoostingResult
    _features: FeatureEncoder
    n_features_in_: int
    objective_names_: list[str]
    objectives_: list[Objective]

    def for_objective(self, objective: str | int) -> ObjectiveView:
        """One objective as a fitted estimator of its own.

        For tools that know a single target: partial dependence, permutation
        importance, calibration, ROC curves. It predicts with this estimator's trees,
        which are not copied, as they are now: a later ``fit`` does not reach it.

        Parameters
        ----------
        objective : str or int
            Its name in ``objective_names_``, or index.

        Returns
        -------
        ObjectiveRegressor, ObjectiveClassifier or ObjectiveRanker
            A classifier, with ``classes_``, ``predict`` and ``predict_proba``, for an
            objective of labels; else a regressor, with ``predict``. Both have
            ``score`` (accuracy, R²; NDCG for a label of a ranker) on the observed
            rows, ``feature_importances_``, ``n_features_in_`` and
            ``feature_names_in_``. It can be neither fitted nor cloned;
            ``FrozenEstimator`` of scikit-learn takes it where that is asked for.

        Raises
        ------
        ValueError
            If there is no such objective.
        """
        check_is_fitted(self)
        k = self._objective_index(objective)
        return self._view_class(k)(copy(self), objective)

    def predict_contrib(self, X: Any) -> np.ndarray:
        """What each feature contributes to each score: SHAP values.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_scores, n_features + 1)
            A score per objective, in their order; one per class for an objective of
            several classes; a single one where all objectives share it. The last
            column is the expected score, and a row's sum is its score:
            the prediction of a real target; the log-odds of a probability, for a
            stage of a funnel those of the stage given the one before; the logarithm
            of a prediction by "poisson", "gamma" or "tweedie"; the classes' scores
            before the softmax; ``predict_objectives`` of a ranker. `for_objective` has
            ``predict_contrib`` of one objective.

        Notes
        -----
        LightGBM's ``pred_contrib`` [1]_ of the model `to_lightgbm` gives, heads
        included: expectations are over the training rows that a tree was grown on,
        by how many of them went either way.

        References
        ----------
        .. [1] S. M. Lundberg, G. G. Erion, S.-I. Lee. "Consistent individualized
           feature attribution for tree ensembles", arXiv:1802.03888, 2018,
           algorithm 2.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.datasets import make_regression
        >>> from skmo import MultiObjectiveRegressor
        >>> X, Y = make_regression(200, 4, n_targets=2, random_state=0)
        >>> est = MultiObjectiveRegressor(n_estimators=5, random_state=0).fit(X, Y)
        >>> contrib = est.predict_contrib(X)
        >>> contrib.shape
        (200, 2, 5)
        >>> bool(np.allclose(contrib.sum(axis=2), est.predict(X)))
        True
        """
        check_is_fitted(self)
        return self._contributions(X, slice(0, self._result.coder.n_scores))

    def _contributions(self, X: Any, scores: slice) -> np.ndarray:
        X = self._features.transform(self, X)
        trees = only_scores(self._explained_sum(), scores)
        return contributions(trees, X, self._n_cores())

    def _objective_booster(self, k: int) -> Any:
        """One objective as a model of LightGBM's own."""
        part = self._result.coder.scores[k]
        trees = only_scores(self._explained_sum(), part)
        text = lightgbm_text(
            trees.with_categories(self._features.category_numbers()),
            objective=self._objective_line(k, part.stop - part.start),
            feature_names=self._feature_names(),
            pandas_categorical=self._features.frame_categories(),
        )
        return read_booster(text)

    def _objective_line(self, k: int, n_scores: int) -> str | None:
        """What LightGBM turns the objective's scores into predictions by."""
        return lightgbm_objective([self._result.coder.objectives[k]], n_scores)

    def _explained_sum(self) -> TreeSum:
        """The scores that `predict_contrib` explains."""
        return self._tree_sum()

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

    def to_dataframe(self, *, trees: str = "all") -> Any:
        """All trees, a row per node.

        Parameters
        ----------
        trees : {"all", "shared", "own"}, default="all"
            The shared trees, the objectives' own ones, or both, in this order.

        Returns
        -------
        pandas.DataFrame
            The columns of LightGBM's ``trees_to_dataframe``: ``tree_index`` (of a
            shared tree its column in `apply`), ``node_depth``, ``node_index`` (such
            as "0-S1" for a split, "0-L2" for leaf 2), ``left_child``,
            ``right_child``, ``parent_index``, ``split_feature``, ``split_gain`` (in
            the gradient the tree was grown on), ``threshold`` (the greatest value
            that goes left, or the categories that do, joined by "||"),
            ``decision_type``, ``missing_direction``, ``missing_type``, ``weight``
            and ``count``. In place of ``value`` one column per score,
            ``value_click``; per class, ``value_species_setosa``, for several classes;
            ``value_score`` where all objectives share one. And ``head``: the
            objective whose own tree it is, missing for a shared one.

            A leaf's value is what it adds to the score, in the units of
            `predict_contrib`, a blend's share taken in; a split's is the mean over
            its rows; NaN where the score is not made of the tree. The scores
            without any tree are in ``attrs["constants"]``, by column.

        Raises
        ------
        ImportError
            If pandas is not installed.

        Examples
        --------
        >>> from sklearn.datasets import make_regression
        >>> from skmo import MultiObjectiveRegressor
        >>> X, Y = make_regression(200, 4, n_targets=2, random_state=0)
        >>> est = MultiObjectiveRegressor(n_estimators=5, random_state=0).fit(X, Y)
        >>> frame = est.to_dataframe(trees="shared")
        >>> frame.loc[0, ["node_index", "left_child", "split_feature"]].tolist()
        ['0-S0', '0-S1', 'Column_0']
        """
        check_is_fitted(self)
        check_choice("trees", trees, ("all", "shared", "own"))
        frame = self._tree_reader().frame(trees)
        constants = self._explained_sum().constants.tolist()
        names = [VALUE + name for name in self._score_names()]
        frame.attrs["constants"] = dict(zip(names, constants, strict=True))
        return frame

    def _tree_reader(self) -> TreeReader:
        return TreeReader(
            self._result,
            self._features,
            self._feature_names(),
            self.objective_names_,
            self._score_names(),
            self._score_factors(),
        )

    def _feature_names(self) -> list[str]:
        """The columns' names, or LightGBM's."""
        names = getattr(self, "feature_names_in_", None)
        if names is None:
            names = [f"Column_{j}" for j in range(self.n_features_in_)]
        return list(names)

    def _score_names(self) -> list[str]:
        """The objectives' names, with the class where there are several."""
        coder = self._result.coder
        if coder.shares_score:
            return ["score"]
        found = []
        for k, (name, part) in enumerate(
            zip(self.objective_names_, coder.scores, strict=True)
        ):
            n_scores = part.stop - part.start
            if n_scores == 1:
                found.append(name)
                continue
            classes = [*self._objective_classes(k).tolist()]
            classes += range(len(classes), n_scores)
            found += [f"{name}_{plain(label)}" for label in classes[:n_scores]]
        return found

    def _score_factors(self) -> np.ndarray:
        """From the booster's scores to those of `to_lightgbm`, (n_scores,)."""
        coder = self._result.coder
        factors = np.ones(coder.n_scores)
        for k, objective in enumerate(coder.objectives):
            if link_of(objective) == "identity":
                factors[coder.scores[k]] = coder.scale[k]
        return factors

    def _view_class(self, k: int) -> type[ObjectiveView]:
        has_classes = self._objective_classes(k) is not None
        return ObjectiveClassifier if has_classes else ObjectiveRegressor

    def _objective_index(self, objective: Any) -> int:
        """The index of an objective given by name or index."""
        names = self.objective_names_
        n_objectives = len(names)
        if isinstance(objective, str):
            if objective in names:
                return names.index(objective)
            known = ""
        elif isinstance(objective, Integral) and not isinstance(objective, bool):
            if -n_objectives <= objective < n_objectives:
                return int(objective) % n_objectives
            known = f" or an index below {n_objectives}"
        else:
            known = f" or an index below {n_objectives}"
        raise ValueError(
            f"The 'objective' parameter must be one of {names}{known}. Got "
            f"{objective!r} instead."
        )

    def _objective_classes(self, k: int) -> np.ndarray | None:
        """The classes of an objective of labels; None for real targets."""
        return None

    def _objective_output(self, X: Any, k: int) -> np.ndarray:
        """Predictions (n_samples,), or probabilities (n_samples, n_classes)."""
        predictions = self._result.coder.predict(self._raw_predict(X, [k]))
        return predictions[self._score_place(k)]

    def _score_place(self, k: int) -> int:
        """Where an objective's prediction is: all of one score have but one."""
        return 0 if self._result.coder.shares_score else k


def takes_shares(objective: Objective) -> bool:
    """Whether a probability's target may be a share such as 0.5: no label then."""
    if objective.task != "probability":
        return False
    if type(objective).check_target is Objective.check_target:
        return False  # the loss is the user's own and does not tell
    try:
        objective.check_target(np.array([0.5]))
    except ValueError:
        return False
    return True


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Raise ``ValueError`` for a parameter that is none of these words."""
    if not isinstance(value, str) or value not in choices:
        words = " or ".join(map(repr, choices))
        raise ValueError(
            f"The {name!r} parameter must be {words}. Got {value!r} instead."
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

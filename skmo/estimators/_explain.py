"""What a fitted estimator tells of itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from ..boosting import (
    TreeSum,
    contributions,
    lightgbm_objective,
    lightgbm_text,
    link_of,
    only_scores,
    read_booster,
)
from ._features import FeatureEncoder
from ._importances import ImportanceMixin, check_choice
from ._objective_views import ViewMixin
from ._tree_frame import VALUE, TreeReader, plain


class ExplainMixin(ViewMixin, ImportanceMixin):
    """What the scores of each objective are made of."""

    _features: FeatureEncoder
    n_features_in_: int

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
        by how many of them went either way. Each call exports the model first: pass
        rows together rather than one by one.

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

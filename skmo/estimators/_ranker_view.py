"""One label of a fitted ranker, as an estimator of its own."""

from __future__ import annotations

from typing import Any

from ..boosting import JointRows
from ._prediction import explained
from ._queries import given_queries
from ._targets import (
    check_domains,
    check_observed,
    check_weight,
    mask_unweighted,
    real_targets,
)
from ._view import ObjectiveRegressor


class ObjectiveRanker(ObjectiveRegressor):
    """The scores by one label of a ranker.

    Made by ``for_objective`` of a fitted ranker; it cannot be fitted.

    Parameters
    ----------
    estimator : MultiObjectiveRanker
        Fitted.
    objective : str or int

    Examples
    --------
    >>> from skmo import MultiObjectiveRanker
    >>> from skmo.datasets import make_multi_ranking
    >>> X, Y, qid = make_multi_ranking(n_queries=30, random_state=0)
    >>> est = MultiObjectiveRanker(n_estimators=5, random_state=0)
    >>> second = est.fit(X, Y, qid=qid).for_objective(1)
    >>> bool((second.predict(X) == est.predict_objectives(X)[:, 1]).all())
    True
    """

    def score(
        self,
        X: Any,
        y: Any,
        group: Any = None,
        qid: Any = None,
        sample_weight: Any = None,
    ) -> float:
        """NDCG of the label by its own score, up to the objective's truncation.

        Of a pointwise objective the fraction of deviance explained.

        Parameters
        ----------
        X : array-like, sparse matrix or data frame of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
            The label's grades, NaN where unobserved.
        group, qid : default=None
            The queries, as in ``fit`` of the ranker.
        sample_weight : default=None

        Returns
        -------
        float
        """
        k, names = self._index(), [self._name()]
        given = given_queries(X, y, sample_weight, group, qid)
        column = self._column(given.y)
        weight = check_weight(given.weight, len(column), 1)
        target = real_targets([column], names)
        check_domains([self.estimator.objectives_[k]], target, names)
        target = mask_unweighted(target, weight)
        check_observed(target, names, "y (with a positive weight)")
        coder = self.estimator._result.coder
        scaled = (target - coder.centre[k]) / coder.scale[k]
        rows = JointRows(coder.only(k), scaled, weight, query=given.query)
        raw = self.estimator._raw_predict(given.X, [k])
        return float(explained(rows, raw[:, coder.scores[k]])[0])

"""The loss of one class out of several."""

from __future__ import annotations

from functools import reduce
from typing import ClassVar

import numpy as np

from ._base import Objective
from ._validation import check_domain

# LightGBM's kEpsilon: the smallest starting probability of a class.
_EPSILON = 1e-15
_MIN_HESSIAN = 1e-16


class Multiclass(Objective):
    """Log loss of a class, with one score per class.

    Targets are class indices 0, 1, ..., ``n_classes - 1``; probabilities are
    the softmax of the scores.

    Notes
    -----
    For the class ``y``, the scores ``f`` and ``p = softmax(f)``: loss
    ``-log(p[y])``, gradient ``p[c] - (c == y)`` by the score of class ``c``,
    Hessian ``n_classes / (n_classes - 1) * p[c] * (1 - p[c])`` but at least
    1e-16. The factor is Friedman's [1]_ and makes up for the redundancy of the
    scores (adding a constant to all of them changes nothing); for two classes
    the Hessian bounds the full second derivative from above. Training starts
    from the logarithms of the weighted class frequencies, at least 1e-15.

    References
    ----------
    .. [1] J. H. Friedman, "Greedy function approximation: a gradient boosting
       machine", Annals of Statistics 29(5), 2001, Algorithm 6.
    .. [2] LightGBM 4, ``src/objective/multiclass_objective.hpp``,
       ``MulticlassSoftmax``.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.objectives import Multiclass
    >>> score = Multiclass().init_score(np.array([0.0, 1.0, 1.0, 2.0]), None)
    >>> Multiclass().inverse_link(score[np.newaxis])
    array([[0.25, 0.5 , 0.25]])
    """

    task: ClassVar[str] = "classification"
    multi_score: ClassVar[bool] = True

    def check_target(self, target):
        valid = (target >= 0) & (target == np.floor(target))
        check_domain(
            "multiclass",
            target,
            valid,
            "class indices 0, 1, 2, ...",
            "Encode the classes, for example by sklearn.preprocessing.LabelEncoder.",
        )

    def n_scores(self, target):
        return max(int(target.max()) + 1, 2)

    def init_score(self, target, weight):
        count = np.bincount(
            target.astype(np.intp), weights=weight, minlength=self.n_scores(target)
        )
        return np.log(np.maximum(count / count.sum(), _EPSILON))

    def loss(self, target, score):
        observed, own = _own_class(target)
        largest = _row_max(score)
        spread = score - largest[:, np.newaxis]
        np.exp(spread, out=spread)
        loss = np.log(_row_sum(spread))
        # Both terms are at least 0: a loss near 0 keeps its sign and its digits.
        loss[observed] += largest[observed] - score[own]
        loss[~observed] = np.nan
        return loss

    def gradient_hessian(self, target, score, gradient, hessian):
        observed, own = _own_class(target)
        _softmax(score, out=gradient)
        n_scores = score.shape[1]
        np.subtract(1.0, gradient, out=hessian)
        hessian *= gradient
        hessian *= n_scores / (n_scores - 1.0)
        np.maximum(hessian, _MIN_HESSIAN, out=hessian)
        gradient[own] -= 1.0
        gradient[~observed] = np.nan

    def inverse_link(self, score):
        return _softmax(score, out=np.empty_like(score))


def _softmax(score: np.ndarray, out: np.ndarray) -> np.ndarray:
    np.subtract(score, _row_max(score)[:, np.newaxis], out=out)
    np.exp(out, out=out)
    out /= _row_sum(out)[:, np.newaxis]
    return out


# Reductions over few columns, several times faster than by `axis=1`.
def _row_max(score: np.ndarray) -> np.ndarray:
    return reduce(np.maximum, score.T)


def _row_sum(score: np.ndarray) -> np.ndarray:
    return np.einsum("ij->i", score)


def _own_class(
    target: np.ndarray,
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Which rows are observed, and the index of each such row's own score."""
    observed = ~np.isnan(target)
    rows = np.flatnonzero(observed)
    return observed, (rows, target[rows].astype(np.intp))

"""Documents of queries, graded by several relevances."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from ._causes import N_OWN, causes_of, mix
from ._checks import check_integer, check_share, import_pandas

# Labels beyond these are named by their number.
_LABELS = ("relevance", "freshness", "quality", "authority", "popularity")
_N_QUERY_FEATURES = 2
_LEVEL, _NOISE = 0.7, 0.4
# Of the documents whose grade is at most 0, 1, 2 and 3.
_AT_MOST = (0.6, 0.8, 0.9, 0.97)


def make_multi_ranking(
    n_queries: int = 200,
    *,
    n_labels: int = 2,
    mean_size: float = 20,
    conflict: float = 0.5,
    n_noise_features: int = 8,
    missing: float = 0.0,
    random_state: int | np.random.RandomState | None = None,
    return_truth: bool = False,
    as_frame: bool = False,
) -> tuple[Any, ...]:
    r"""Generate documents of queries with several relevance labels that disagree.

    Every document of a query has a grade from 0 to 4 for each label, most of them
    0. One ranking has to serve all labels, and ``conflict`` says how far what
    raises a document by one of them lowers it by another.

    Parameters
    ----------
    n_queries : int, default=200
        The number of queries.
    n_labels : int, default=2
        The number of labels K.
    mean_size : float, default=20
        The expected number of documents of a query, from 2 to 1 000 000. Sizes
        vary geometrically and are at least 2.
    conflict : float, default=0.5
        From 0, where the labels order documents alike but for noise, through
        0.5, where any two are unrelated, to 1, where they are opposed: two
        labels exactly, more labels as far as all pairs can be at once.
    n_noise_features : int, default=8
        Standard normal features that tell nothing about any label.
    missing : float, default=0.0
        The chance, in [0, 1), that a grade is NaN: not judged. The first
        label's grades are all there.
    random_state : int, RandomState instance or None, default=None
        Pass an int for the same data in every call.
    return_truth : bool, default=False
        Whether to return the utilities that the grades are cut from as well.
    as_frame : bool, default=False
        Whether to return pandas data frames and a series, with names, instead of
        arrays.

    Returns
    -------
    X : ndarray or DataFrame of shape (n_samples, n_features)
        ``query0`` and ``query1``, the same for all documents of a query, four
        features per label, ``doc0``, ``doc1``, …, then ``noise0``, …: all
        standard normal.
    Y : ndarray or DataFrame of shape (n_samples, n_labels)
        Grades 0 to 4, NaN where not judged: ``relevance``, ``freshness``,
        ``quality``, ``authority``, ``popularity``, then ``label5``, ….
    qid : ndarray or Series of shape (n_samples,)
        The query of each row, from 0 to ``n_queries - 1`` in ascending order, so
        that the documents of a query are neighbours.
    truth : ndarray or DataFrame of shape (n_samples, n_labels)
        The utilities without noise. Documents of a query in descending order of
        one are the best ranking by that label that ``X`` can tell. Only if
        ``return_truth`` is True.

    Raises
    ------
    ValueError
        If a number is outside its range.
    ImportError
        If ``as_frame`` is True and pandas is not installed.

    Notes
    -----
    A query's size is 1 plus a geometric variable of mean ``mean_size - 1``. K
    causes, each of four features of its own, are independent of each other and
    have mean 0 and variance 1:

    .. math::

        h = \tfrac{1}{\sqrt 2} x_0 + \tfrac{1}{2 s} \sin 2 x_1
        + \tfrac{1}{2} x_2 x_3, \qquad s^2 = \tfrac{1}{2} (1 - e^{-8}).

    The utility of a document by label k mixes them, around their mean
    :math:`\bar h`, and adds the level of its query with features
    :math:`z_0, z_1`:

    .. math::

        u_k = \sqrt{1 - \rho}\, (h_k - \bar h) + \sqrt{1 + (K - 1) \rho}\, \bar h
        + 0.7\, (z_0 + z_1) / \sqrt 2.

    Within queries any two utilities then have, in expectation, the correlation
    :math:`\rho`, which is also the cosine between their gradients with respect to
    the documents' features, :math:`E[\nabla u_j \cdot \nabla u_k] / E[\nabla u_k
    \cdot \nabla u_k]`:

    .. math::

        \rho = \begin{cases} 1 - 2 c & \text{if } c \le 1/2, \\
        (1 - 2 c) / (K - 1) & \text{otherwise,} \end{cases}

    at the conflict c. K utilities cannot all have a correlation below
    :math:`-1 / (K - 1)`, where their sum is the same for all documents of a
    query. One label alone is its cause, whatever c is. The level orders nothing,
    but a model of the grades by themselves has to learn it.

    Grades are cut from :math:`u_k + 0.4\, \epsilon` with standard normal noise,
    at the sample's quantiles 0.6, 0.8, 0.9 and 0.97: over all queries 60 % of each
    label's documents have grade 0, and 20, 10, 7 and 3 % the grades 1 to 4. Some
    queries therefore have no document above 0.

    ``conflict``, ``missing`` and ``n_noise_features`` leave all else that the same
    ``random_state`` draws as it is.
    Utilities are the same functions of the features in all calls with the
    same ``n_labels`` and ``conflict``: another ``random_state`` draws test data.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.datasets import make_multi_ranking
    >>> X, Y, qid = make_multi_ranking(100, mean_size=10, random_state=0)
    >>> X.shape, Y.shape, qid.shape
    ((930, 18), (930, 2), (930,))
    >>> (np.bincount(Y[:, 0].astype(int)) / len(Y)).round(2)
    array([0.6 , 0.2 , 0.1 , 0.07, 0.03])
    """
    name = "make_multi_ranking"
    check_integer(name, "n_queries", n_queries, 1)
    check_integer(name, "n_labels", n_labels, 1)
    check_integer(name, "n_noise_features", n_noise_features, 0)
    check_share(name, "mean_size", mean_size, 2, 1_000_000)
    check_share(name, "conflict", conflict, 0, 1)
    check_share(name, "missing", missing, 0, 1, ")")
    rng = check_random_state(random_state)
    sizes = 1 + rng.geometric(1 / (mean_size - 1), size=n_queries)
    qid = np.repeat(np.arange(n_queries), sizes)
    queries = rng.normal(size=(n_queries, _N_QUERY_FEATURES))[qid]
    documents = rng.normal(size=(len(qid), N_OWN * n_labels))
    level = queries.sum(axis=1, keepdims=True) / np.sqrt(_N_QUERY_FEATURES)
    truth = mix(causes_of(documents), conflict) + _LEVEL * level
    Y = _grades(truth + _NOISE * rng.normal(size=truth.shape))
    unjudged = rng.uniform(size=Y.shape) < missing
    Y[:, 1:][unjudged[:, 1:]] = np.nan
    # Last and column by column: how many there are changes nothing else.
    noise = rng.normal(size=(n_noise_features, len(qid))).T
    X = np.column_stack([queries, documents, noise])
    if as_frame:
        X, Y, qid, truth = _as_frames(X, Y, qid, truth)
    return (X, Y, qid, truth) if return_truth else (X, Y, qid)


def _grades(utilities: np.ndarray) -> np.ndarray:
    cuts = np.quantile(utilities, _AT_MOST, axis=0)
    return (utilities > cuts[:, np.newaxis]).sum(axis=0).astype(np.float64)


def _as_frames(
    X: np.ndarray, Y: np.ndarray, qid: np.ndarray, truth: np.ndarray
) -> tuple[Any, ...]:
    pd = import_pandas("make_multi_ranking")
    n_labels = Y.shape[1]
    n_documents = N_OWN * n_labels
    features = [
        *(f"query{j}" for j in range(_N_QUERY_FEATURES)),
        *(f"doc{j}" for j in range(n_documents)),
        *(f"noise{j}" for j in range(X.shape[1] - _N_QUERY_FEATURES - n_documents)),
    ]
    labels = [*_LABELS, *(f"label{k}" for k in range(len(_LABELS), n_labels))]
    columns = labels[:n_labels]
    return (
        pd.DataFrame(X, columns=features),
        pd.DataFrame(Y, columns=columns),
        pd.Series(qid, name="qid"),
        pd.DataFrame(truth, columns=columns),
    )

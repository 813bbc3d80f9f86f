"""Rankings with two relevance labels that disagree, on training and test queries.

Real sets have one label: the second is a feature, taken out and cut into five grades
at its quantiles. How ties at a quantile are put decides what comes out: on MQ2008's
PageRank, which has 53 values, two separate models reach a hypervolume of .472 if they
belong to the grade below and .498 if to the one above. They belong to the one below
here. (MQ2008's number of outlinks is 0 throughout, so that it can be no label.)
"""

from __future__ import annotations

from dataclasses import dataclass

import datasets
import numpy as np
import pandas as pd
import scipy.sparse as sp

from skmo.datasets import make_multi_ranking

MAIN = ("pagerank", "inlinks")
MQ2008 = {
    "pagerank": "f41_pagerank",
    "inlinks": "f42_inlinks",
    "slashes": "f44_url_slashes",
    "length": "f45_url_length",
    "children": "f46_child_pages",
}
CONFLICTS = {"conflict25": 0.25, "conflict50": 0.5, "conflict80": 0.8}
SETS = [*MQ2008, *CONFLICTS, "lightgbm"]


@dataclass
class Part:
    """Rows to learn from and to be scored on, those of a query side by side."""

    X_train: np.ndarray
    Y_train: np.ndarray
    query_train: np.ndarray
    X_test: np.ndarray
    Y_test: np.ndarray
    query_test: np.ndarray

    @property
    def sizes(self) -> np.ndarray:
        """Documents of each training query."""
        return np.unique(self.query_train, return_counts=True)[1]


def needs_files(name: str) -> bool:
    return name not in CONFLICTS


def load(name: str) -> Part:
    """A set by its name."""
    if name in CONFLICTS:
        return simulated(CONFLICTS[name])
    if name in MQ2008:
        return mq2008(MQ2008[name])
    return lightgbm_example()


def simulated(conflict: float) -> Part:
    """300 queries to learn from and as many to be scored on."""
    drawn = [make_multi_ranking(300, conflict=conflict, random_state=s) for s in (1, 2)]
    return Part(*drawn[0], *drawn[1])


def mq2008(second: str) -> Part:
    """LETOR's MQ2008, fold 1, by its own split."""
    table = pd.read_csv(datasets.ROOT / "mq2008_fold1" / "mq2008_fold1.csv.gz")
    train = (table["split"] == "train").to_numpy()
    Y = np.column_stack([table["relevance"], grades(table[second].to_numpy())])
    X = table.drop(columns=["relevance", "split", "qid", second]).to_numpy(float)
    arrays = X, Y.astype(float), table["qid"].to_numpy()
    return Part(*(a[train] for a in arrays), *(a[~train] for a in arrays))


def lightgbm_example() -> Part:
    """LightGBM's own example; the feature of most distinct values is taken out."""
    parts = np.load(datasets.ROOT / "lightgbm_lambdarank" / "lightgbm_lambdarank.npz")
    X = np.vstack([_dense(parts, f"X_{half}") for half in ("train", "test")])
    column = int(np.argmax([len(np.unique(x)) for x in X.T]))
    second, X = grades(X[:, column]), np.delete(X, column, axis=1)
    n = len(parts["y_train"])
    halves = []
    for half, rows in (("train", slice(n)), ("test", slice(n, None))):
        sizes = parts[f"group_{half}"]
        Y = np.column_stack([parts[f"y_{half}"], second[rows]]).astype(float)
        halves += [X[rows], Y, np.repeat(np.arange(len(sizes)), sizes)]
    return Part(*halves)


def grades(values: np.ndarray) -> np.ndarray:
    """0 to 4 by the quantiles of all rows."""
    cuts = np.quantile(values, [0.2, 0.4, 0.6, 0.8])
    return np.searchsorted(cuts, values, side="left")


def _dense(parts: np.lib.npyio.NpzFile, key: str) -> np.ndarray:
    data, indices, indptr = (parts[f"{key}_{p}"] for p in ("data", "indices", "indptr"))
    return sp.csr_matrix((data, indices, indptr), parts[f"{key}_shape"]).toarray()

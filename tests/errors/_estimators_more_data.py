"""Errors of estimators about weights, validation rows and queries."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ._estimators_rows import (
    GRADES,
    QID,
    N,
    X,
    Y,
    bad_input,
    put,
    quantile_regressor,
    ranker,
    regressor,
)

TARGETS = pd.DataFrame(Y, columns=["u", "v"])

WEIGHTS = {
    "weights of text": bad_input(
        lambda: regressor().fit(X, Y, ["hello"] * N),
        parameter="sample_weight must hold numbers",
        value="Got ['hello', 'hello'",
        remedy="must hold numbers",
    ),
    "too few weights": bad_input(
        lambda: regressor().fit(X, Y, np.ones(N - 1)),
        parameter="sample_weight must have shape",
        value="Got (59,) instead",
        remedy="(60,) or (60, 2)",
    ),
    "weights of validation rows": bad_input(
        lambda: regressor().fit(X, Y, None, X, Y, np.ones((N, 3))),
        parameter="sample_weight_val must have shape",
        value="Got (60, 3) instead",
        remedy="(60,) or (60, 2)",
    ),
    "NaN for a weight": bad_input(
        lambda: regressor().fit(X, Y, put(np.ones(N), np.nan, at=5)),
        parameter="sample_weight contains",
        value="NaN or infinity (the first in row 5)",
        remedy="Use 0 to leave a row out",
    ),
    "an infinite weight": bad_input(
        lambda: regressor().fit(X, Y, put(np.ones((N, 2)), np.inf)),
        parameter="sample_weight contains",
        value="NaN or infinity (the first in row 5)",
        remedy="Use 0 to leave a row out",
    ),
    "negative weights": bad_input(
        lambda: regressor().fit(X, Y, put(np.ones(N), -2.5, at=5)),
        parameter="sample_weight contains negative values",
        value="the least is -2.5",
        remedy="Weights must be at least 0",
    ),
    "no weight": bad_input(
        lambda: regressor().fit(X, Y, np.zeros(N)),
        parameter="All of sample_weight",
        value="is zero",
        remedy="Give one a positive weight",
    ),
    "weights too far apart": bad_input(
        lambda: regressor().fit(X, Y, put(np.ones(N), 1e-14, at=5)),
        parameter="sample_weight holds weights",
        value="from 1e-14 to 1",
        remedy="Bring them between 1e-12 and 1e+12, or set them to 0",
    ),
    "weights in another order": bad_input(
        lambda: regressor().fit(X, TARGETS, TARGETS[["v", "u"]] ** 2),
        parameter="sample_weight has the columns",
        value="['v', 'u']",
        remedy="but the targets are ['u', 'v']: bring them into that order",
    ),
    "weights of quantiles": bad_input(
        lambda: quantile_regressor().fit(X, Y[:, 0], np.ones((N, 3))),
        parameter="sample_weight must have shape",
        value="Got (60, 3) instead",
        remedy="(n_samples,), one weight per row",
    ),
    "weights of queries": bad_input(
        lambda: ranker().fit(X, GRADES, qid=QID, sample_weight=np.ones(7)),
        parameter="sample_weight must hold a weight",
        value="Got shape (7,) instead",
        remedy="per row (60,), per query (15,) or per label",
    ),
}

VALIDATION = {
    "X_val alone": bad_input(
        lambda: regressor().fit(X, Y, X_val=X),
        parameter="X_val was passed",
        value="without y_val",
        remedy="pass both",
    ),
    "y_val alone": bad_input(
        lambda: regressor().fit(X, Y, y_val=Y),
        parameter="y_val was passed",
        value="without X_val",
        remedy="pass both",
    ),
    "sample_weight_val alone": bad_input(
        lambda: regressor().fit(X, Y, sample_weight_val=np.ones(N)),
        parameter="sample_weight_val was passed",
        value="without X_val and y_val",
        remedy="pass all",
    ),
    "validation rows never observed": bad_input(
        lambda: regressor().fit(X, Y, X_val=X[:7], y_val=Y[:7] * np.nan),
        parameter="y_val has no observed value",
        value="in its 7 row(s)",
        remedy="Pass rows that have, or neither X_val nor y_val",
    ),
    "columns of y_val": bad_input(
        lambda: regressor().fit(X, Y, X_val=X, y_val=Y[:, :1]),
        parameter="y_val has",
        value="1 target(s), but this MultiObjectiveRegressor has 2",
        remedy="pass those of fit",
    ),
    "order of y_val": bad_input(
        lambda: regressor().fit(X, TARGETS, X_val=X, y_val=TARGETS[["v", "u"]]),
        parameter="y_val has the columns",
        value="['v', 'u']",
        remedy="fitted with ['u', 'v']: bring them into that order",
    ),
    "too few rows to hold out": bad_input(
        lambda: regressor(early_stopping=True, validation_fraction=0.9).fit(
            X[:3], Y[:3]
        ),
        parameter="validation_fraction=0.9",
        value="n_samples=3 leaves too few rows",
        remedy="Pass X_val and y_val, or set early_stopping=False",
    ),
    "too few queries to hold out": bad_input(
        lambda: ranker(early_stopping=True).fit(X, GRADES, group=[N]),
        parameter="validation_fraction=0.1",
        value="1 queries leaves none",
        remedy="Pass X_val and y_val, or set early_stopping=False",
    ),
    "group_val alone": bad_input(
        lambda: ranker().fit(X, GRADES, qid=QID, group_val=[N]),
        parameter="'group_val' was passed",
        value="without X_val and y_val",
        remedy="pass all",
    ),
    "qid_val without y_val": bad_input(
        lambda: ranker().fit(X, GRADES, qid=QID, X_val=X, qid_val=QID),
        parameter="'qid_val' was passed",
        value="without X_val and y_val",
        remedy="pass all",
    ),
}

QUERIES = {
    "no queries": bad_input(
        lambda: ranker().fit(X, GRADES),
        parameter="'group' (how many rows each query has) and 'qid'",
        value="Got neither",
        remedy="Pass one of",
    ),
    "queries twice": bad_input(
        lambda: ranker().fit(X, GRADES, group=[N], qid=QID),
        parameter="'group' (how many rows each query has) and 'qid'",
        value="Got both",
        remedy="Pass one of",
    ),
    "queries of validation rows": bad_input(
        lambda: ranker().fit(X, GRADES, qid=QID, X_val=X, y_val=GRADES),
        parameter="'group_val' (how many rows each query has) and 'qid_val'",
        value="Got neither",
        remedy="Pass one of",
    ),
    "sizes of queries": bad_input(
        lambda: ranker().fit(X, GRADES, group=[20, 30]),
        parameter="'group' must hold the number of rows of each query",
        value="Got 2 values that sum to 50",
        remedy="integers above 0 that sum to the 60 rows of X",
    ),
    "shape of qid": bad_input(
        lambda: ranker().fit(X, GRADES, qid=QID[:7]),
        parameter="'qid' must hold the query of each row",
        value="Got shape (7,) instead",
        remedy="shape (60,)",
    ),
    "a missing qid": bad_input(
        lambda: ranker().fit(X, GRADES, qid=put(QID, None, at=5)),
        parameter="'qid' is missing",
        value="in 1 rows (the first is row 5)",
        remedy="drop them, or give each a query of its own",
    ),
}

CASES = WEIGHTS | VALIDATION | QUERIES

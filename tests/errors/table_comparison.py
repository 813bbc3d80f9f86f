"""Errors of the comparison with separate models and other libraries."""

from __future__ import annotations

import sys
from functools import partial
from unittest.mock import patch

import numpy as np
from sklearn.linear_model import Ridge

from skmo import MultiObjectiveClassifier, MultiObjectiveEstimator, compare

from ._comparison_peers import CASES as OF_PEERS
from .case import Case

COVERS = {"comparison"}

N = 20
X = np.arange(3.0 * N).reshape(N, 3)
Y = np.column_stack([np.arange(N) % 2, np.arange(N) % 3]).astype(float)
HALVES = [(np.arange(10), np.arange(10, 20)), (np.arange(10, 20), np.arange(10))]


def refuse(X=X, Y=Y, **options):
    compare(X, Y, **{"random_state": 0, "progress": False, **options})


def unobserved(*, rows, columns=(1,)):
    """Targets without a value in some rows."""
    found = Y.copy()
    found[np.ix_(rows, columns)] = np.nan
    return found


def without_catboost():
    with patch.dict(sys.modules, {"catboost": None}):
        refuse(peers=["catboost_joint"])


bad_input = partial(Case, error=ValueError)

CASES = {
    "tolerance": bad_input(
        partial(refuse, tolerance=-0.5),
        parameter="'tolerance' parameter of compare",
        value="Got -0.5 instead",
        remedy="must be a float in the range [0, inf)",
    ),
    "tolerance of text": bad_input(
        partial(refuse, tolerance="0.5"),
        parameter="'tolerance' parameter of compare",
        value="Got '0.5' instead",
        remedy="must be a float in the range [0, inf)",
    ),
    "tolerance that is no number": bad_input(
        partial(refuse, tolerance=np.nan),
        parameter="'tolerance' parameter of compare",
        value="Got nan instead",
        remedy="must be a float in the range [0, inf)",
    ),
    "confidence": bad_input(
        partial(refuse, confidence=95),
        parameter="'confidence' parameter of compare",
        value="Got 95 instead",
        remedy="must be a float in the range (0, 1)",
    ),
    "objectives beside an estimator": bad_input(
        lambda: refuse(estimator=MultiObjectiveEstimator(), objectives=["binary"] * 2),
        parameter="'objectives' parameter of compare",
        value="Got ['binary', 'binary'] and an estimator",
        remedy="give the objectives to the estimator, or no estimator",
    ),
    "estimator": Case(
        lambda: refuse(estimator=Ridge()),
        TypeError,
        "'estimator' parameter of compare",
        "Got Ridge() instead",
        "must be one of ['MultiObjectiveClassifier', 'MultiObjectiveEstimator'",
    ),
    "one score for all": bad_input(
        lambda: refuse(estimator=MultiObjectiveEstimator(shared_score=True)),
        parameter="with shared_score=True there is one prediction for all",
        value="shared_score=True",
        remedy="Use score_objectives, or leave shared_score at False",
    ),
    "X_test alone": bad_input(
        partial(refuse, X_test=X),
        parameter="'X_test' and 'Y_test' parameters of compare",
        value="Got X_test alone",
        remedy="pass both or neither",
    ),
    "Y_test alone": bad_input(
        partial(refuse, Y_test=Y),
        parameter="'X_test' and 'Y_test' parameters of compare",
        value="Got Y_test alone",
        remedy="pass both or neither",
    ),
    "cv and X_test": bad_input(
        partial(refuse, cv=3, X_test=X, Y_test=Y),
        parameter="'cv' parameter of compare",
        value="Got cv=3 and X_test",
        remedy="give either cv or X_test and Y_test",
    ),
    "rows of X and Y": bad_input(
        partial(refuse, X[:5]),
        parameter="X has 5 rows but Y has",
        value="Y has 20:",
        remedy="pass a row of Y for each of X",
    ),
    "columns of Y_test": bad_input(
        partial(refuse, X_test=X, Y_test=Y[:, :1]),
        parameter="Y has 2 columns but Y_test has",
        value="Y_test has 1:",
        remedy="pass the same targets in both",
    ),
    "rows of X_test and Y_test": bad_input(
        partial(refuse, X_test=X[:4], Y_test=Y),
        parameter="X_test has 4 rows but Y_test has",
        value="Y_test has 20:",
        remedy="pass a row of Y_test for each of X_test",
    ),
    "nothing to validate": bad_input(
        partial(
            refuse,
            Y=unobserved(rows=range(12, 15), columns=(0, 1)),
            time=np.arange(N),
            validation_fraction=0.2,
        ),
        parameter="The 3 validation rows hold no observed value of any target",
        value="3 validation rows",
        remedy="raise the 'validation_fraction' parameter of compare",
    ),
    "nothing to validate in a fold": bad_input(
        partial(
            refuse,
            Y=unobserved(rows=[9], columns=(0, 1)),
            time=np.arange(N),
            cv=HALVES,
        ),
        parameter="The 1 validation rows of fold 1 hold no observed value",
        value="1 validation rows of fold 1",
        remedy="or leave out rows of Y without a value",
    ),
    "nothing to learn": bad_input(
        partial(refuse, Y=unobserved(rows=range(19)), time=np.arange(N)),
        parameter="The training rows hold no observed value of 'target1'",
        value="'target1'",
        remedy="leave it out of Y, or add rows that observe it",
    ),
    "nothing to learn in a fold": bad_input(
        partial(refuse, Y=unobserved(rows=range(10, 20)), cv=HALVES),
        parameter="The training rows of fold 2 hold no observed value of 'target1'",
        value="'target1'",
        remedy="leave it out of Y, or add rows that observe it",
    ),
    "nothing to test": bad_input(
        partial(refuse, Y=unobserved(rows=range(15, 20)), time=np.arange(N)),
        parameter="The test rows hold no observed value of 'target1'",
        value="'target1'",
        remedy="leave it out of Y, or add rows that observe it",
    ),
    "number of names": bad_input(
        partial(refuse, target_names=["a", "b", "c"]),
        parameter="'target_names' parameter of compare",
        value="Got ['a', 'b', 'c'] instead, 3 in all",
        remedy="must hold a name for each column of Y, 2 in all",
    ),
    "names twice": bad_input(
        partial(refuse, target_names=["a", "a"]),
        parameter="The targets' names",
        value="['a'] more than once",
        remedy="pass other names as 'target_names'",
    ),
    "groups and time": bad_input(
        partial(refuse, groups=np.arange(N), time=np.arange(N)),
        parameter="'groups' and 'time' parameters of compare",
        value="Got both",
        remedy="pass one of them",
    ),
    "test_size": bad_input(
        partial(refuse, test_size=1.5),
        parameter="'test_size' parameter of compare",
        value="Got 1.5 instead",
        remedy="must be a float in the range (0, 1)",
    ),
    "validation_fraction of text": bad_input(
        partial(refuse, validation_fraction="0.1"),
        parameter="'validation_fraction' parameter of compare",
        value="Got '0.1' instead",
        remedy="must be a float in the range (0, 1)",
    ),
    "length of groups": bad_input(
        partial(refuse, groups=[1, 2]),
        parameter="'groups' parameter of compare",
        value="Got shape (2,) instead",
        remedy="must hold one value per row of X, shape (20,)",
    ),
    "missing times": bad_input(
        partial(refuse, time=np.where(np.arange(N) < 2, np.nan, 1.0)),
        parameter="'time' parameter of compare",
        value="has no value in 2 rows",
        remedy="drop them first",
    ),
    "missing groups": bad_input(
        partial(refuse, groups=np.array([None, *range(N - 1)])),
        parameter="'groups' parameter of compare",
        value="has no value in 1 rows",
        remedy="drop them first",
    ),
    "too few rows": bad_input(
        partial(refuse, X[:2], Y[:2]),
        parameter="smaller 'test_size' and 'validation_fraction'",
        value="1 rows are too few to hold out 0.1 of them",
        remedy="pass more, or smaller 'test_size'",
    ),
    "too few groups": bad_input(
        partial(refuse, groups=np.zeros(N)),
        parameter="smaller 'test_size' and 'validation_fraction'",
        value="1 groups are too few to hold out 0.25 of them",
        remedy="pass more, or smaller 'test_size'",
    ),
    "cv": bad_input(
        partial(refuse, cv=1),
        parameter="'cv' parameter of compare",
        value="Got 1 instead",
        remedy="must be None (one split), an int of at least 2 folds",
    ),
    "cv of text": bad_input(
        partial(refuse, cv="kfold"),
        parameter="'cv' parameter of compare",
        value="Got 'kfold' instead",
        remedy="a splitter of scikit-learn's or a list of pairs",
    ),
    "folds of too few rows": bad_input(
        partial(refuse, cv=21),
        parameter="cv=21 folds",
        value="Got 20",
        remedy="need at least 21 rows",
    ),
    "windows of too few rows": bad_input(
        partial(refuse, cv=20, time=np.arange(N)),
        parameter="cv=20 folds",
        value="Got 20: ask for fewer folds",
        remedy="need at least 21 rows",
    ),
    "folds of too few groups": bad_input(
        partial(refuse, cv=3, groups=np.arange(N) % 2),
        parameter="cv=3 folds",
        value="Got 2: ask for fewer folds",
        remedy="need at least 3 groups",
    ),
    "one fold": bad_input(
        partial(refuse, cv=HALVES[:1]),
        parameter="'cv' parameter of compare",
        value="gives 1 fold(s)",
        remedy="Use cv=None for one split",
    ),
    "rows in both parts": bad_input(
        partial(refuse, cv=[HALVES[0], (np.arange(9), np.arange(8, 20))]),
        parameter="Fold 2 of cv",
        value="has 9 training and 12 test rows, 1 of them in both",
        remedy="each part needs rows of its own",
    ),
    "no such rows": bad_input(
        partial(refuse, cv=[HALVES[0], ([0, 1], [2, 99])]),
        parameter="'cv' parameter of compare",
        value="Got array([ 2, 99]) instead",
        remedy="must give indices of rows from 0 to 19",
    ),
    "no indices": bad_input(
        partial(refuse, cv=[HALVES[0], ([0.5], [2])]),
        parameter="'cv' parameter of compare",
        value="Got array([0.5]) instead",
        remedy="must give indices of rows from 0 to 19",
    ),
    "text as targets": bad_input(
        partial(refuse, Y=[["hello", "b"]] * N),
        parameter="'Y' parameter of compare",
        value="hello",
        remedy="Labels of other types need estimator=MultiObjectiveClassifier()",
    ),
    "text as test targets": bad_input(
        partial(refuse, X_test=X, Y_test=[["hello", "b"]] * N),
        parameter="'Y_test' parameter of compare",
        value="hello",
        remedy="must be numeric",
    ),
    "shape of targets": bad_input(
        partial(refuse, Y=np.zeros((N, 2, 2))),
        parameter="'Y' parameter of compare",
        value="Got shape (20, 2, 2) instead",
        remedy="must have the shape (n_samples, n_objectives)",
    ),
    "no targets": bad_input(
        partial(refuse, Y=np.zeros((N, 0))),
        parameter="'Y' parameter of compare",
        value="Got shape (20, 0) instead",
        remedy="must have the shape (n_samples, n_objectives)",
    ),
    "shape of labels": bad_input(
        lambda: refuse(Y=np.zeros((N, 2, 2)), estimator=MultiObjectiveClassifier()),
        parameter="'Y' parameter of compare",
        value="Got shape (20, 2, 2) instead",
        remedy="must have the shape (n_samples, n_objectives)",
    ),
    "peers of another word": bad_input(
        partial(refuse, peers="all"),
        parameter="'peers' parameter of compare",
        value="Got 'all' instead",
        remedy="must be 'installed' or a list of names among ['lightgbm', 'catboost'",
    ),
    "peers of a name alone": bad_input(
        partial(refuse, peers="forest"),
        parameter="'peers' parameter of compare",
        value="Got 'forest' instead",
        remedy="Pass peers=['forest']",
    ),
    "no peers": bad_input(
        partial(refuse, peers=None),
        parameter="'peers' parameter of compare",
        value="Got None instead",
        remedy="must be 'installed' or a list of names among ['lightgbm', 'catboost'",
    ),
    "unknown peer": bad_input(
        partial(refuse, peers=["catbost"]),
        parameter="'peers' parameter of compare",
        value="Got 'catbost' instead",
        remedy="a list of names among ['lightgbm', 'catboost'",
    ),
    "peer that is not installed": Case(
        without_catboost,
        ImportError,
        "'peers' parameter of compare",
        "names 'catboost_joint', but catboost is not installed",
        'pip install "skmo[peers]", or pass peers="installed"',
    ),
}

CASES |= OF_PEERS
ELSEWHERE: dict[tuple[str, str], str] = {}

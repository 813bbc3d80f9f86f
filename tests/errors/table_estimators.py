"""Errors of the estimators."""

from __future__ import annotations

from ._estimators_callbacks import CASES as OF_CALLBACKS
from ._estimators_data import CASES as OF_DATA
from ._estimators_more_data import CASES as OF_MORE_DATA
from ._estimators_parameters import CASES as OF_PARAMETERS
from ._estimators_use import CASES as OF_USE

COVERS = {"estimators"}
PARTS = [OF_DATA, OF_MORE_DATA, OF_PARAMETERS, OF_USE, OF_CALLBACKS]
CASES = {name: case for part in PARTS for name, case in part.items()}
assert len(CASES) == sum(map(len, PARTS)), "two cases of one name"

SIGNAL = "a signal that skmo itself catches: no user sees it"
ELSEWHERE = {
    ("estimators/_sklearn_callbacks.py", "SklearnTasks._end_round"): SIGNAL,
    ("estimators/_watching.py", "CallbackWatch._call"): SIGNAL,
}

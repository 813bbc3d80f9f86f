"""Errors of tuning by Optuna."""

from __future__ import annotations

import sys
from functools import partial
from importlib.util import find_spec
from unittest.mock import patch

import numpy as np

from skmo import MultiObjectiveRegressor
from skmo.pareto._evaluate import Outcome
from skmo.tuning import ParetoTunerCV
from skmo.tuning._study import TrialFailedError
from skmo.tuning._trial import _means

from .case import Case, all_sites

COVERS = {"tuning"}


def without_optuna():
    with patch.dict(sys.modules, {"optuna": None}):
        ParetoTunerCV(MultiObjectiveRegressor()).fit([[0.0]], [[0.0, 1.0]])


def means(*folds):
    """The means of folds that ended so."""
    return _means([Outcome(scores, error=error) for scores, error in folds])


CASES = {
    "no optuna": Case(
        without_optuna, ImportError, None, "skmo.tuning needs Optuna", "pip install"
    ),
    # Of a trial that fails, and that Optuna catches; the search says it all at its
    # end, with the number of fits.
    "fit failed": Case(
        partial(means, ({}, "Traceback\nRuntimeError: no fit of x=0.7\n")),
        TrialFailedError,
        None,
        "RuntimeError: no fit of x=0.7",
        None,
    ),
    "no finite mean": Case(
        partial(means, ({"a": 1.0, "b": np.nan}, None)),
        TrialFailedError,
        "mean scores",
        "[ 1. nan]",
        "not all finite",
    ),
}
ELSEWHERE: dict[tuple[str, str], str] = {}

if find_spec("optuna") is not None:
    from ._tuning_with_optuna import CASES as WITH_OPTUNA

    CASES |= WITH_OPTUNA
else:
    ELSEWHERE = {
        (site.file, site.function): "Optuna is not installed"
        for site in all_sites()
        if site.file.startswith("tuning/")
    }

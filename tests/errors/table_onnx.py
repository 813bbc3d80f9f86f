"""Errors of the export to ONNX; most need no skl2onnx."""

from __future__ import annotations

import sys
from functools import cache, partial
from unittest.mock import MagicMock, patch

import numpy as np
from sklearn.preprocessing import StandardScaler

from skmo import MultiObjectiveRegressor
from skmo.objectives import SquaredError
from skmo.onnx import _convert, _outputs, register_converters, to_onnx

from .case import Case

COVERS = {"onnx"}

X = np.random.default_rng(0).normal(size=(60, 3))
FAST = {"n_estimators": 2, "n_jobs": 1, "random_state": 0, "heads": "none"}


class Squared(SquaredError):
    def inverse_link(self, score):
        return score**2


@cache
def model(objective="squared_error"):
    return MultiObjectiveRegressor(objective, **FAST).fit(X, X[:, :2])


def export(estimator, **options):
    """With a stand-in for skl2onnx, which is not asked for anything yet."""
    stand_in = MagicMock()
    modules = {
        "skl2onnx": stand_in,
        "skl2onnx.common": stand_in.common,
        "skl2onnx.common.data_types": stand_in.common.data_types,
    }
    with patch.dict(sys.modules, modules):
        to_onnx(estimator, **options)


def export_without_skl2onnx():
    with patch.dict(sys.modules, {"skl2onnx": None}):
        register_converters()


def confuse_categories():
    rows = X.copy()
    rows[:, 0] = np.where(X[:, 0] > 0, 2**24, 2**24 + 1)
    est = MultiObjectiveRegressor(categorical_features=[0], **FAST)
    _convert._categories(est.fit(rows, X[:, :2]), np.float32)


def translate_an_own_link():
    output = model(Squared).lightgbm_outputs()[0]
    _outputs._link(None, "scores", output)


bad_input = partial(Case, error=ValueError)

CASES = {
    "no skl2onnx": Case(
        export_without_skl2onnx,
        ImportError,
        parameter="skmo.onnx needs skl2onnx",
        value=None,
        remedy='pip install "skmo[onnx]"',
    ),
    "another library's": Case(
        partial(export, StandardScaler()),
        TypeError,
        parameter="to_onnx takes an estimator of skmo",
        value="Got StandardScaler;",
        remedy="for pipelines call register_converters() and skl2onnx.to_onnx",
    ),
    "type of numbers": bad_input(
        lambda: export(model(), dtype="float16"),
        parameter="The 'dtype' parameter of to_onnx",
        value="Got 'float16' instead",
        remedy="must be 'float32' or 'float64'",
    ),
    "categories too large": bad_input(
        confuse_categories,
        parameter="Feature 0 has categories that float32 cannot tell apart",
        value="[16777216.0, 16777217.0]",
        remedy="Use a float64 input, or encode them before fit",
    ),
    "strings and numbers": bad_input(
        partial(_outputs._label_kind, [["a", "b"], [0, 1]], ["colour", "size"]),
        parameter="but the targets ['colour', 'size']",
        value="mix strings and numbers",
        remedy="Encode the labels alike before fit",
    ),
    "labels of another type": bad_input(
        partial(_outputs._label_kind, [[1j, 2j]], ["phase"]),
        parameter="ONNX has no labels",
        value="such as 1j, a complex",
        remedy="Encode them as strings or whole numbers before fit",
    ),
    "own link": bad_input(
        translate_an_own_link,
        parameter="Objective 'target0' (Squared)",
        value="has an inverse_link of its own",
        remedy="Export to_lightgbm() instead and apply the link to its raw scores",
    ),
}

ELSEWHERE: dict[tuple[str, str], str] = {}

"""One natural use of another library each, on a model of three real targets.

A check raises where it cannot be done, or the numbers are wrong. It returns None for
"yes", or what there is to say.
"""

from __future__ import annotations

import os
import pickle
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm as lgb
import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import scipy.sparse as sp
from integrations_models import ROUNDS, Model
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.inspection import PartialDependenceDisplay, permutation_importance
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler
from sklearn.utils.estimator_checks import check_estimator

mpl.use("Agg")
CLOSE = {"rtol": 1e-4, "atol": 1e-4}

_rng = np.random.default_rng(0)
X = _rng.normal(size=(300, 4)).astype(np.float32).astype(np.float64)
Y = np.column_stack([X[:, 0], X[:, 0] + X[:, 1], np.abs(X[:, 2])])
Y += 0.1 * _rng.normal(size=Y.shape)
NAMES = ["a", "b", "c", "d"]
FRAME = pd.DataFrame(X, columns=NAMES)


class CannotError(Exception):
    """The model has no way to do this."""


def _parts(model: Model, fitted: Any) -> list[Any]:
    """The models that a tool for one model is applied to."""
    if model.kind == "separate":
        return list(fitted.estimators_)
    return [fitted]


def _said(model: Model) -> str | None:
    return "per target" if model.kind == "separate" else None


def _same(one: Any, other: Any, **tolerance: float) -> None:
    np.testing.assert_allclose(np.asarray(one), np.asarray(other), **tolerance)


def _r2(prediction: Any, Y: Any = Y) -> float:
    return float(1 - np.mean((prediction - Y) ** 2) / np.var(Y, axis=0).mean())


def _learns(prediction: Any) -> None:
    score = _r2(np.asarray(prediction))
    if score < 0.3:
        raise AssertionError(f"R2 of only {score:.2f}")


def estimator_checks(model: Model) -> str:
    results = check_estimator(model.make(), on_fail=None, on_skip=None)
    failed = sum(result["status"] == "failed" for result in results)
    run = sum(result["status"] != "skipped" for result in results)
    return f"{run - failed} of {run}"


def missing_targets(model: Model) -> None:
    holed = Y.copy()
    holed[::3, 0] = np.nan
    _learns(model.make().fit(X, holed).predict(X))


def weights_per_target(model: Model) -> None:
    weight = np.ones_like(Y)
    weight[::2, 1] = 0
    _learns(model.make().fit(X, Y, sample_weight=weight).predict(X))


def early_stopping_per_target(model: Model) -> str | None:
    if model.kind == "skmo":
        fitted = model.make(n_estimators=50, n_iter_no_change=3)
        fitted.fit(X[:200], Y[:200], X_val=X[200:], y_val=Y[200:])
        if len(set(fitted.n_iter_)) < 2:
            raise AssertionError("one number of trees for all")
        return None
    if model.kind == "separate":
        raise CannotError("its fit passes one validation target to all models")
    raise CannotError("one number of trees for all targets")


def grid_search(model: Model) -> None:
    frame = FRAME.assign(e=np.where(X[:, 0] > 0, "x", "y"))
    columns = make_column_transformer(
        (StandardScaler(), NAMES), (OrdinalEncoder(), ["e"])
    )
    pipe = make_pipeline(columns, model.make())
    step = pipe.steps[-1][0]
    grid = {f"{step}__{model.n_rounds}": [1, 10]}
    search = GridSearchCV(pipe, grid, cv=2, error_score="raise").fit(frame, Y)
    if search.best_params_ != {f"{step}__{model.n_rounds}": 10}:
        raise AssertionError(search.best_params_)


def transformed_target(model: Model) -> None:
    est = TransformedTargetRegressor(model.make(), transformer=StandardScaler())
    _learns(est.fit(X, Y).predict(X))


def permutation(model: Model) -> None:
    fitted = model.make().fit(X, Y)
    result = permutation_importance(fitted, X, Y, n_repeats=2, random_state=0)
    if result.importances_mean[3] > result.importances_mean[0]:
        raise AssertionError("the noise counts most")


def partial_dependence(model: Model) -> None:
    fitted = model.make().fit(X, Y)
    for target in range(3):
        PartialDependenceDisplay.from_estimator(fitted, X, [0], target=target)


def pandas_categories(model: Model) -> None:
    frame = FRAME.assign(e=pd.Categorical(np.where(X[:, 0] > 0, "x", "y")))
    est = model.make()
    if model.kind == "xgboost":
        est = model.make(enable_categorical=True)
    if model.kind == "catboost":
        est = model.make(cat_features=["e"])
    _learns(est.fit(frame, Y).predict(frame))


def polars_frame(model: Model) -> None:
    frame = pl.DataFrame(X, schema=NAMES)
    _same(model.make().fit(frame, Y).predict(frame), model.make().fit(X, Y).predict(X))


def pyarrow_table(model: Model) -> None:
    table = pa.table(dict(zip(NAMES, X.T, strict=True)))
    _same(model.make().fit(table, Y).predict(table), model.make().fit(X, Y).predict(X))


def sparse_matrix(model: Model) -> None:
    matrix = sp.csr_matrix(np.where(np.abs(X) > 0.5, X, 0))
    _learns(model.make().fit(matrix, Y).predict(matrix))


def named_predictions(model: Model) -> None:
    est = model.make()
    if not hasattr(est, "set_output"):
        raise CannotError("no set_output")
    found = est.set_output(predict="pandas").fit(FRAME, pd.DataFrame(Y)).predict(FRAME)
    if not isinstance(found, pd.DataFrame):
        raise AssertionError(f"got {type(found).__name__}")


def shap_values(model: Model) -> str | None:
    import shap

    fitted = model.make().fit(X, Y)
    models = _parts(model, fitted)
    if model.kind == "skmo":
        models = [fitted.to_lightgbm()]
    explainers = [shap.TreeExplainer(m) for m in models]
    parts = [np.asarray(e.shap_values(X[:20])) for e in explainers]
    values = parts[0] if len(parts) == 1 else np.stack(parts, axis=-1)
    base = np.concatenate([np.atleast_1d(e.expected_value) for e in explainers])
    _same(values.sum(axis=1) + base, fitted.predict(X[:20]), **CLOSE)
    return _said(model)


def own_contributions(model: Model) -> str | None:
    fitted = model.make().fit(X, Y)
    if model.kind == "skmo":
        values = fitted.predict_contrib(X[:20])
    elif model.kind == "separate":
        values = np.stack(
            [m.predict(X[:20], pred_contrib=True) for m in fitted.estimators_], axis=1
        )
    elif model.kind == "xgboost":
        import xgboost as xgb

        values = fitted.get_booster().predict(xgb.DMatrix(X[:20]), pred_contribs=True)
    else:
        from catboost import Pool

        values = fitted.get_feature_importance(Pool(X[:20]), type="ShapValues")
    _same(values.sum(axis=2), fitted.predict(X[:20]), **CLOSE)
    return _said(model)


def tree_table(model: Model) -> str | None:
    fitted = model.make().fit(X, Y)
    if model.kind == "skmo":
        frames = [fitted.to_dataframe()]
    elif model.kind == "separate":
        frames = [m.booster_.trees_to_dataframe() for m in fitted.estimators_]
    elif model.kind == "xgboost":
        frames = [fitted.get_booster().trees_to_dataframe()]
    else:
        raise CannotError("no table of trees")
    if any(frame.empty for frame in frames):
        raise AssertionError("empty")
    return _said(model)


def _run_onnx(proto: Any) -> np.ndarray:
    import onnxruntime

    session = onnxruntime.InferenceSession(
        proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name
    return session.run(None, {name: X.astype(np.float32)})[0]


def onnx_model(model: Model) -> str | None:
    fitted = model.make().fit(X, Y)
    if model.kind == "skmo":
        from skmo.onnx import to_onnx

        _same(_run_onnx(to_onnx(fitted)), fitted.predict(X), **CLOSE)
        return None
    if model.kind == "catboost":
        import onnx

        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "m.onnx")
            fitted.save_model(path, format="onnx")
            _same(_run_onnx(onnx.load(path)), fitted.predict(X), **CLOSE)
        return None
    import onnxmltools
    from onnxmltools.convert.common.data_types import FloatTensorType

    convert = onnxmltools.convert_lightgbm
    if model.kind == "xgboost":
        convert = onnxmltools.convert_xgboost
    inputs = [("X", FloatTensorType([None, X.shape[1]]))]
    parts = [
        _run_onnx(convert(m, initial_types=inputs, target_opset=15)).reshape(len(X), -1)
        for m in _parts(model, fitted)
    ]
    _same(np.hstack(parts), fitted.predict(X), **CLOSE)
    return _said(model)


def treelite_model(model: Model) -> str | None:
    import treelite

    fitted = model.make().fit(X, Y)
    data, margins = X.astype(np.float32), {}
    if model.kind == "catboost":
        raise CannotError("treelite does not read CatBoost models")
    if model.kind == "xgboost":
        loaded = [treelite.frontend.from_xgboost(fitted.get_booster())]
    elif model.kind == "separate":
        loaded = [
            treelite.frontend.from_lightgbm(m.booster_) for m in fitted.estimators_
        ]
    else:
        # treelite takes several scores for those of classes: see "Exporting".
        line = "objective=multiclassova num_class:3 sigmoid:1"
        text = fitted.to_lightgbm().model_to_string()
        text = text.replace("\nfeature_names=", f"\n{line}\nfeature_names=", 1)
        booster = lgb.Booster(model_str=text)
        loaded = [treelite.frontend.from_lightgbm(booster)]
        margins = {"pred_margin": True}
    parts = [
        treelite.gtil.predict(m, data, **margins).reshape(len(X), -1) for m in loaded
    ]
    _same(np.hstack(parts), fitted.predict(X), **CLOSE)
    return "with a line changed" if model.kind == "skmo" else _said(model)


def pickled(model: Model) -> None:
    fitted = model.make().fit(X, Y)
    _same(pickle.loads(pickle.dumps(fitted)).predict(X), fitted.predict(X))


def file_without_pickle(model: Model) -> str | None:
    fitted = model.make().fit(X, Y)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.json")
        if model.kind == "skmo":
            import skmo

            fitted.save_model(path)
            loaded = skmo.load_model(path)
        elif model.kind == "separate":
            for m in fitted.estimators_:
                m.booster_.save_model(path)
            return _said(model)
        else:
            fitted.save_model(path)
            loaded = model.make()
            loaded.load_model(path)
        _same(loaded.predict(X), fitted.predict(X), rtol=1e-6, atol=1e-6)
    return None


def skops_file(model: Model) -> str | None:
    import skops.io

    fitted = model.make().fit(X, Y)
    data = skops.io.dumps(fitted)
    trusted = skops.io.get_untrusted_types(data=data)
    if model.kind == "skmo":
        from skmo.persistence import SKOPS_TRUSTED

        if not set(trusted) <= set(SKOPS_TRUSTED):
            raise AssertionError(f"not in SKOPS_TRUSTED: {trusted}")
    _same(skops.io.loads(data, trusted=trusted).predict(X), fitted.predict(X))
    return f"{len(trusted)} type{'s' * (len(trusted) != 1)} to trust"


def mlflow_model(model: Model) -> None:
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    import mlflow

    fitted = model.make().fit(X, Y)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        mlflow.set_tracking_uri(f"sqlite:///{path / 'runs.db'}")
        mlflow.create_experiment("one", artifact_location=(path / "files").as_uri())
        mlflow.set_experiment("one")
        with mlflow.start_run():
            info = mlflow.sklearn.log_model(
                fitted,
                name="model",
                pip_requirements=["scikit-learn"],
                serialization_format="cloudpickle",
            )
        loaded = mlflow.sklearn.load_model(info.model_uri)
        _same(loaded.predict(X), fitted.predict(X))


def optuna_search(model: Model) -> None:
    import optuna
    from optuna_integration import OptunaSearchCV

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = {model.n_rounds: optuna.distributions.IntDistribution(1, ROUNDS)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search = OptunaSearchCV(
            model.make(), space, n_trials=3, cv=2, random_state=0, error_score="raise"
        )
        _learns(search.fit(X, Y).predict(X))


def resumed(model: Model) -> None:
    """A fit is stopped half way and goes on to the same model."""
    whole = model.make().fit(X, Y).predict(X)
    half = {model.n_rounds: ROUNDS // 2}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.ckpt")
        if model.kind == "skmo":
            from skmo.callbacks import checkpoint

            model.make(**half).fit(X, Y, callbacks=[checkpoint(path, every=1)])
            again = model.make().fit(X, Y, resume_from=path)
        elif model.kind == "xgboost":
            model.make(**half).fit(X, Y).save_model(path)
            again = model.make(**half).fit(X, Y, xgb_model=path)
        elif model.kind == "catboost":
            options = {"allow_writing_files": True, "train_dir": folder}
            first = model.make().set_params(**options, **half)
            first.fit(X, Y, save_snapshot=True, snapshot_file=path)
            again = model.make().set_params(**options)
            again.fit(X, Y, save_snapshot=True, snapshot_file=path)
        else:
            raise CannotError("fit has no init_model per target")
    _same(again.predict(X), whole, rtol=1e-6, atol=1e-6)


def sklearn_callbacks(model: Model) -> None:
    from sklearn.callback import ScoringMonitor

    est = clone(model.make())
    if not hasattr(est, "set_callbacks"):
        raise CannotError("no set_callbacks")
    est.set_callbacks(ScoringMonitor(scoring="r2")).fit(X, Y)


SKLEARN = ("scikit-learn",)
CHECKS: list[tuple[str, tuple[str, ...], Callable[[Model], str | None]]] = [
    ("scikit-learn's estimator checks passed", SKLEARN, estimator_checks),
    ("missing targets", (), missing_targets),
    ("weights per target", (), weights_per_target),
    ("early stopping per target", (), early_stopping_per_target),
    ("GridSearchCV of a Pipeline", SKLEARN, grid_search),
    ("TransformedTargetRegressor", SKLEARN, transformed_target),
    ("permutation_importance", SKLEARN, permutation),
    ("PartialDependenceDisplay(target=)", SKLEARN, partial_dependence),
    ("scikit-learn's callbacks", SKLEARN, sklearn_callbacks),
    ("pandas frame with categories", ("pandas",), pandas_categories),
    ("Polars frame", ("polars",), polars_frame),
    ("PyArrow table", ("pyarrow",), pyarrow_table),
    ("SciPy sparse matrix", ("scipy",), sparse_matrix),
    ("predictions with the targets' names", ("pandas",), named_predictions),
    ("own SHAP values per target", (), own_contributions),
    ("shap.TreeExplainer", ("shap",), shap_values),
    ("table of trees", ("pandas",), tree_table),
    ("pickle", (), pickled),
    ("file without pickle", (), file_without_pickle),
    ("skops", ("skops",), skops_file),
    ("MLflow log_model", ("mlflow",), mlflow_model),
    ("ONNX", ("onnx", "skl2onnx", "onnxmltools", "onnxruntime"), onnx_model),
    ("treelite", ("treelite",), treelite_model),
    ("OptunaSearchCV", ("optuna", "optuna-integration"), optuna_search),
    ("killed fit resumed to the same model", (), resumed),
]

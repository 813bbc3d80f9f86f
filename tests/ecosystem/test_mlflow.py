"""Models in MLflow: logged, loaded, served, tracked."""

from __future__ import annotations

import os
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skmo import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRanker,
    MultiObjectiveRegressor,
)

pd = pytest.importorskip("pandas", reason="the extra 'pandas'")
# Both are read when MLflow is loaded: nothing is sent, and plain files will do.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries MLflow loads
    mlflow = pytest.importorskip("mlflow", reason="MLflow is not installed")
    pytest.importorskip("mlflow.sklearn", reason="MLflow is not installed")

# MLflow and what it stands on (SQLAlchemy, pydantic) deprecate their own calls.
pytestmark = pytest.mark.filterwarnings("ignore")

FAST = {"n_estimators": 4, "num_leaves": 5, "n_jobs": 1, "random_state": 0}
N = 120


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    yield
    mlflow.end_run()
    mlflow.set_tracking_uri(before)


@pytest.fixture
def features():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(N, 3)), columns=["a", "b", "c"])
    X["town"] = rng.choice(["Rome", "Oslo", "Lima"], N)
    return X


def targets(kind, X):
    first, second = X["a"], (X["town"] == "Oslo") - 0.5 * X["b"]
    Y = pd.DataFrame({"u": first, "v": second})
    if kind is MultiObjectiveClassifier:
        return Y > 0
    if kind is EntireSpaceClassifier:
        reached = Y > -0.3
        return (reached & (reached["u"].to_numpy()[:, None])).astype(int)
    if kind is MultiObjectiveRanker:
        return (Y > 0).astype(int)
    return Y


def fitted(kind, X):
    params = {"categorical_features": ["town"], **FAST}
    more = {}
    if kind is MultiObjectiveRanker:
        more = {"qid": np.arange(N) // 10}
    else:
        params["heads"] = "none"
    return kind(**params).fit(X, targets(kind, X), **more)


def untrusted(model):
    """What skops asks to trust of a model."""
    skops = pytest.importorskip("skops.io", reason="MLflow writes models with skops")
    return skops.get_untrusted_types(data=skops.dumps(model))


@pytest.mark.parametrize(
    "kind",
    [
        MultiObjectiveRegressor,
        MultiObjectiveClassifier,
        MultiObjectiveEstimator,
        EntireSpaceClassifier,
        MultiObjectiveRanker,
    ],
)
def test_log_and_load(kind, features):
    model = fitted(kind, features)
    prediction = model.predict(features)
    types = untrusted(model)
    # Nothing but skmo's own classes is asked for.
    assert all(name.startswith("skmo.") for name in types), types
    signature = mlflow.models.infer_signature(features, prediction)
    assert signature.inputs.input_names() == list(features.columns)
    with mlflow.start_run():
        info = mlflow.sklearn.log_model(
            model,
            name="model",
            signature=signature,
            serialization_format="skops",
            skops_trusted_types=types,
            pip_requirements=[],
        )
    loaded = mlflow.sklearn.load_model(info.model_uri)
    assert type(loaded) is kind
    assert_array_equal(loaded.predict(features), prediction)
    served = mlflow.pyfunc.load_model(info.model_uri)
    assert_array_equal(np.asarray(served.predict(features)), prediction)


def test_pickle_and_frames_of_predictions(features):
    model = fitted(MultiObjectiveRegressor, features).set_output(predict="pandas")
    prediction = model.predict(features)
    signature = mlflow.models.infer_signature(features, prediction)
    assert signature.outputs.input_names() == ["u", "v"]
    mlflow.sklearn.save_model(
        model,
        "saved",
        signature=signature,
        serialization_format="cloudpickle",
        pip_requirements=[],
    )
    served = mlflow.pyfunc.load_model("saved").predict(features)
    pd.testing.assert_frame_equal(served, prediction)


def test_categorical_dtype_is_served_without_a_signature(features):
    """MLflow's schemas have strings, but no categories."""
    table = features.astype({"town": "category"})
    model = MultiObjectiveRegressor(**FAST, heads="none")
    model.fit(table, targets(MultiObjectiveRegressor, features))
    mlflow.sklearn.save_model(
        model,
        "saved",
        serialization_format="cloudpickle",
        pip_requirements=[],
    )
    served = mlflow.pyfunc.load_model("saved")
    assert_array_equal(served.predict(table), model.predict(table))


def test_autolog_of_a_search(features):
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, Y = features[["a", "b", "c"]], targets(MultiObjectiveRegressor, features)
    pipe = make_pipeline(StandardScaler(), MultiObjectiveRegressor(**FAST))
    space = {"multiobjectiveregressor__num_leaves": [3, 5]}
    mlflow.sklearn.autolog(log_models=False, silent=True)
    try:
        search = GridSearchCV(pipe, space, cv=2).fit(X, Y)
    finally:
        mlflow.sklearn.autolog(disable=True, silent=True)
    runs = mlflow.search_runs()
    scores = runs["metrics.best_cv_score"].dropna()
    assert_array_equal(scores, [search.best_score_])

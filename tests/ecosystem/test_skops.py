"""skops dumps and loads all estimators with a short list of trusted types."""

from __future__ import annotations

import numpy as np
import pytest

sio = pytest.importorskip("skops.io", reason="skops is what is tested")

from skmo.exceptions import ModelFileError  # noqa: E402
from skmo.persistence import SKOPS_TRUSTED  # noqa: E402
from tests.persistence.models import (  # noqa: E402
    MODELS,
    Scaled,
    assert_same,
    fitted,
    regressor,
)


def test_the_list_is_short():
    assert len(SKOPS_TRUSTED) <= 8


@pytest.mark.parametrize("name", MODELS)
def test_round_trip(name):
    est, X, _ = fitted(name)
    content = sio.dumps(est)
    untrusted = set(sio.get_untrusted_types(data=content))
    assert untrusted <= set(SKOPS_TRUSTED)
    assert len(untrusted) == 2  # the class and its fitted booster
    found = sio.loads(content, trusted=SKOPS_TRUSTED)
    assert_same(est, found)
    for method in ("predict", "predict_proba"):
        if hasattr(est, method):
            assert_same(getattr(est, method)(X), getattr(found, method)(X))


def test_files(tmp_path):
    est, X, _ = fitted("blend")
    sio.dump(est, tmp_path / "model.skops")
    found = sio.load(tmp_path / "model.skops", trusted=SKOPS_TRUSTED)
    np.testing.assert_array_equal(found.predict(X), est.predict(X))


def test_categories_of_data_frames():
    pd = pytest.importorskip("pandas", reason="categories come in data frames")
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "x": rng.normal(size=200),
            "c": pd.Categorical(rng.choice(["a", "b"], 200)),
            "t": pd.cut(pd.Series(rng.normal(size=200)), 3),
        }
    )
    Y = np.column_stack([X["c"] == "a", X["x"]]).astype(float)
    import skmo

    est = skmo.MultiObjectiveRegressor(n_estimators=3, n_jobs=1).fit(X, Y)
    found = sio.loads(sio.dumps(est), trusted=SKOPS_TRUSTED)
    assert_same(est.predict(X), found.predict(X))


def test_in_a_pipeline():
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    est, X, Y = fitted("regressor")
    pipeline = make_pipeline(StandardScaler(), est).fit(X, Y)
    found = sio.loads(sio.dumps(pipeline), trusted=SKOPS_TRUSTED)
    assert_same(pipeline.predict(X), found.predict(X))


def test_what_is_not_trusted_is_asked_for():
    est = regressor(objective=Scaled())[0]
    content = sio.dumps(est)
    own = "tests.persistence.models.Scaled"
    assert own in sio.get_untrusted_types(data=content)
    with pytest.raises(TypeError, match="Scaled"):
        sio.loads(content, trusted=SKOPS_TRUSTED)
    assert_same(est, sio.loads(content, trusted=[*SKOPS_TRUSTED, own]))


def test_texts_of_strangers_do_not_reach_lightgbm(tmp_path):
    """Trusted types check what they are made of, as with model files."""
    import io
    import re
    import zipfile

    content = sio.dumps(fitted("regressor")[0])
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            if name == "schema.json":
                text = data.decode()
                changed = re.sub(r"left_child=\d+", "left_child=99999", text)
                assert changed != text
                data = changed.encode()
            new.writestr(name, data)
    with pytest.raises(ModelFileError, match="left_child"):
        sio.loads(out.getvalue(), trusted=SKOPS_TRUSTED)

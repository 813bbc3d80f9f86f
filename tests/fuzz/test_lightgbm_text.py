"""LightGBM's text with random edits: what passes the check, LightGBM can read."""

from __future__ import annotations

from functools import cache

import lightgbm as lgb
import numpy as np
import pytest

from skmo.exceptions import ModelFileError
from skmo.persistence._lightgbm_text import read_trees
from tests.fuzz.edits import edit_lines, edit_text
from tests.fuzz.examples import random_cases
from tests.persistence.test_lightgbm_text import OBJECTIVES, train


@cache
def text_of(objective):
    booster, X = train(objective, **OBJECTIVES[objective], num_leaves=7)
    return booster.model_to_string(), X[:50]


@pytest.mark.parametrize("edit", [edit_text, edit_lines])
def test_what_passes_is_read_by_lightgbm(edit):
    n_read = n_cases = 0

    @random_cases(150)
    def check(rng):
        nonlocal n_read, n_cases
        text, X = text_of(rng.choice(sorted(OBJECTIVES)))
        sections = [text.encode()]
        edit(rng, {"sections": [{"kind": "text"}]}, None, sections)
        n_cases += 1
        try:
            found = read_trees(sections[0].decode())
        except ModelFileError:
            return
        n_read += 1
        assert read_trees(found.text).text == found.text
        booster = lgb.Booster(model_str=found.text)
        assert booster.num_feature() == found.n_features
        assert booster.num_trees() == len(found.leaves)
        X = np.resize(X, (len(X), found.n_features))
        leaves = booster.predict(X, pred_leaf=True, num_threads=1)
        assert (leaves.reshape(len(X), -1) < found.leaves).all()
        predicted = booster.predict(X, raw_score=True, num_threads=1)
        assert predicted.size == len(X) * found.n_per_round

    check()
    # Both happen, or the edits are too wild or too tame to find anything.
    assert 0.05 * n_cases < n_read < 0.95 * n_cases

"""What fitted models are made of, as plain data, and whether the parts fit together.

What does not fit would be an error of another kind later, or, where SciPy and LightGBM
take indices on trust, none.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .._plain import Form, register
from ..boosting import (
    BoostingResult,
    Forest,
    Head,
    OneScoreCoder,
    SingleModel,
    TargetCoder,
    read_booster,
)
from ..boosting._own import _ForestTrees
from ..boosting._tree import TreeStructure
from ..estimators._features import FeatureEncoder
from ..estimators._labels import LabelEncoding
from ..exceptions import ModelFileError
from ..objectives import Objective, RankingObjective
from ._lightgbm_text import read_trees, without_training

_MAX_THREADS = 4096


def register_parts() -> None:
    """Register all parts of fitted models."""
    register("forest", Form(_pack_forest, _unpack_forest), Forest)
    register("single_model", Form(_pack_single, _unpack_single), SingleModel)
    for name, cls, check, shared in (
        ("head", Head, _check_head, False),
        ("forest_trees", _ForestTrees, _check_forest_trees, False),
        ("target_coder", TargetCoder, _check_coder, False),
        ("one_score_coder", OneScoreCoder, _check_coder, False),
        ("labels", LabelEncoding, _check_labels, False),
        ("features", FeatureEncoder, _check_features, False),
        # Models of one Pareto set may share it.
        ("result", BoostingResult, check_result, True),
    ):
        unpack = partial(_unpack_object, cls, check)
        register(name, Form(_pack_object, unpack, shared), cls)


def fits(condition: object, what: str) -> None:
    """Raise ``ModelFileError`` unless something holds of a part."""
    if not condition:
        raise ModelFileError(
            f"The parts of the model do not fit together: {what}. Fit it again."
        )


def _is_array(value: Any, kinds: str, *shape: int) -> bool:
    good = isinstance(value, np.ndarray) and value.dtype.kind in kinds
    return good and value.shape == shape


def _pack_object(value: Any) -> dict[str, Any]:
    return {"attributes": dict(vars(value))}


def _unpack_object(
    cls: type, check: Callable[[Any], None], fields: dict[str, Any]
) -> Any:
    found = cls.__new__(cls)
    attributes = fields["attributes"]
    for name in attributes:
        # Data must not stand in the way of methods.
        hidden = callable(getattr(cls, name, None)) or name.startswith("__")
        fits(name.isidentifier() and not hidden, f"{cls.__name__}.{name}")
    vars(found).update(attributes)
    check(found)
    return found


def _pack_forest(forest: Forest) -> dict[str, Any]:
    n_scores = len(forest.init_scores)
    empty = np.empty((0, n_scores), dtype=forest.init_scores.dtype)
    return {
        "init_scores": forest.init_scores,
        "structures": [without_training(part.text) for part in forest.structures],
        "values": np.concatenate([empty, *forest.values]),
        "sizes": np.array([len(part) for part in forest.values], dtype=np.int32),
        "ends": np.array(forest.ends, dtype=np.int32),
    }


def _unpack_forest(fields: dict[str, Any]) -> Forest:
    init_scores, values = fields["init_scores"], fields["values"]
    fits(_is_array(init_scores, "f", init_scores.size), "init_scores")
    forest = Forest(init_scores)
    models = [read_trees(text) for text in fields["structures"]]
    fits(all(model.n_per_round == 1 for model in models), "trees per round")
    none = np.zeros(0, dtype=np.int64)
    sizes = np.concatenate([none, *(model.leaves for model in models)])
    fits((fields["sizes"] == sizes).all(), "values and leaves")
    fits(_is_array(values, "f", sizes.sum(), len(init_scores)), "values")
    fits(values.dtype == init_scores.dtype, "the dtype of values")
    forest.structures = [TreeStructure(model.text) for model in models]
    forest.values = np.split(values, np.cumsum(sizes)[:-1]) if sizes.size else []
    ends = fields["ends"].tolist()
    # A round has a tree at least.
    order = [0, *ends]
    good = all(type(end) is int for end in ends) and order[-1] == len(sizes)
    fits(good and all(a < b for a, b in zip(order, ends, strict=False)), "ends")
    forest.ends = ends
    return forest


def _pack_single(model: SingleModel) -> dict[str, Any]:
    return {
        "text": without_training(model._booster.model_to_string(num_iteration=-1)),
        "best_iteration": int(model.best_iteration),
        "n_threads": int(model._n_threads),
    }


def _unpack_single(fields: dict[str, Any]) -> SingleModel:
    n_threads, best = fields["n_threads"], fields["best_iteration"]
    good = type(n_threads) is int and 1 <= n_threads <= _MAX_THREADS
    fits(good, "n_threads")
    trees = read_trees(fields["text"])
    model = SingleModel(read_booster(trees.text), n_threads)
    n_rounds = len(trees.leaves) // trees.n_per_round
    fits(type(best) is int and 0 <= best <= n_rounds, "best_iteration")
    model.best_iteration = best
    return model


def _check_head(head: Head) -> None:
    fits(isinstance(head.trees, (SingleModel, _ForestTrees)), "a head's trees")
    fits(isinstance(head.share, float) and 0 <= head.share <= 1, "a head's share")
    fits(type(head.continues) is bool, "a head that continues")


def _check_forest_trees(trees: _ForestTrees) -> None:
    fits(isinstance(trees._result, BoostingResult), "the trees of a head")
    fits(len(trees._result.n_iter) == 1, "the objectives of a head")
    fits(trees.best_iteration == trees._result.n_iter[0], "the rounds of a head")


def _check_coder(coder: TargetCoder) -> None:
    objectives, scores, owner = coder.objectives, coder.scores, coder.owner
    kinds = (Objective, RankingObjective)
    fits(type(objectives) is list and len(objectives) > 0, "objectives")
    fits(all(isinstance(o, kinds) for o in objectives), "objectives")
    n = len(objectives)
    for name, kind in (("centre", "f"), ("scale", "f"), ("constant", "b")):
        fits(_is_array(getattr(coder, name, None), kind, n), name)
    n_scores = coder.init_scores.size
    fits(n_scores > 0 and _is_array(coder.init_scores, "f", n_scores), "init_scores")
    fits(_is_array(owner, "i", n_scores), "owner")
    fits(owner.min() >= 0 and owner.max() < n, "owner")
    fits(type(scores) is list and len(scores) == n, "scores")
    for part in scores:
        bounds = (part.start, part.stop)
        fits(all(type(bound) is int for bound in bounds), "scores")
        fits(0 <= part.start < part.stop <= n_scores and part.step is None, "scores")


def _check_labels(labels: LabelEncoding) -> None:
    classes = labels.classes
    fits(isinstance(classes, np.ndarray) and classes.ndim == 1, "classes")
    fits(type(labels.name) is str, "the name of labels")


def _check_features(features: FeatureEncoder) -> None:
    fits(type(features._encoders) is dict, "encoders")
    fits(all(type(j) is int and j >= 0 for j in features._encoders), "encoders")


def check_result(result: BoostingResult) -> None:
    """Whether the parts of a fitted booster fit together."""
    coder, forest = result.coder, result.forest
    fits(isinstance(coder, TargetCoder) and isinstance(forest, Forest), "the booster")
    n = len(coder.objectives)
    fits(forest.init_scores.shape == coder.init_scores.shape, "scores")
    fits(_is_array(result.n_iter, "i", n), "n_iter")
    rounds = result.n_iter
    fits(rounds.min() >= 0 and rounds.max() <= forest.n_rounds, "n_iter")
    gains = result.total_gains
    n_features = gains.shape[-1]
    fits(_is_array(gains, "f", n, n_features), "total_gains")
    fits(_is_array(result.importances, "f", n, n_features), "importances")
    good = all(part.n_features == n_features for part in forest.structures)
    fits(good, "features of the trees")
    heads = result.heads
    fits(type(heads) is list and len(heads) == n, "heads")
    for head, columns in zip(heads, coder.scores, strict=True):
        if head is not None:
            fits(isinstance(head, Head), "heads")
            _check_own(head.trees, columns.stop - columns.start, n_features)
    fits(type(result.history) is dict, "history")


def _check_own(trees: Any, n_scores: int, n_features: int) -> None:
    """Whether an objective's own trees have its scores and features."""
    if isinstance(trees, SingleModel):
        booster = trees._booster
        found = booster.num_model_per_iteration(), booster.num_feature()
    else:
        result = trees._result
        found = len(result.coder.owner), result.total_gains.shape[-1]
    fits(found == (n_scores, n_features), "a head's scores or features")

"""Estimators as plain data."""

from __future__ import annotations

from inspect import signature
from numbers import Integral
from typing import Any

import numpy as np
from sklearn import config_context
from sklearn.base import BaseEstimator

from .._plain import Packer, Unpacker, pack_state
from .._state import unstamped
from ..boosting import BoostingResult
from ..estimators import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRanker,
    MultiObjectiveRegressor,
    MultiQuantileRegressor,
)
from ..estimators._features import FeatureEncoder
from ..exceptions import ModelFileError
from ._parts import fits

# What model files hold, by name. A new estimator is one more line.
ESTIMATORS: dict[str, type] = {
    cls.__name__: cls
    for cls in (
        EntireSpaceClassifier,
        MultiObjectiveClassifier,
        MultiObjectiveEstimator,
        MultiObjectiveRanker,
        MultiObjectiveRegressor,
        MultiQuantileRegressor,
    )
}

# scikit-learn's record of what `set_fit_request` and the like were told.
_REQUESTS = "_metadata_request"
# scikit-learn's callbacks, which watch fits and are no part of a model.
_CALLBACKS = ("_skl_callbacks", "_callback_fit_ctx")


def pack_estimator(estimator: Any, state: dict[str, Any]) -> dict[str, Any]:
    """The state for a pickle."""
    return pack_state(_without_requests(state))


def unpack_estimator(estimator: Any, state: dict[str, Any]) -> dict[str, Any]:
    """The attributes from the state of a pickle."""
    name = type(estimator).__name__
    fields, number = unstamped(state, f"The pickled {name}")
    return _attributes(estimator, fields, Unpacker(pickling=True, format=number), name)


def plain_estimator(estimator: Any, packer: Packer) -> dict[str, Any]:
    """The attributes as plain data, for a file."""
    state = BaseEstimator.__getstate__(estimator)
    state = {
        name: value
        for name, value in _without_requests(state).items()
        if not name.startswith(_CALLBACKS)
    }
    return packer.fields(state)


def estimator_of(cls: type, plain: Any, unpacker: Unpacker) -> Any:
    """The estimator of a file's plain data."""
    fits(type(plain) is dict, "the estimator")
    estimator = cls.__new__(cls)
    vars(estimator).update(_attributes(estimator, plain, unpacker, cls.__name__))
    return estimator


def _attributes(
    estimator: Any, plain: dict[str, Any], unpacker: Unpacker, name: str
) -> dict[str, Any]:
    plain = unpacker.migrated(name, plain)
    attributes = unpacker.fields(plain)
    requests = attributes.pop(_REQUESTS, None)
    cls = type(estimator)
    # A parameter that another version added stands for what was before by default.
    for key, default in _defaults(cls).items():
        attributes.setdefault(key, default)
    lost = set(cls._get_param_names()) - set(attributes)
    fits(not lost, f"{name} lacks {sorted(lost)}")
    if not unpacker.pickling:
        for key in attributes:
            # Data must not stand in the way of methods.
            hidden = callable(getattr(cls, key, None)) or key.startswith("__")
            fits(key.isidentifier() and not hidden, f"{name}.{key}")
    if "_result" in attributes:
        _check_fitted(attributes)
    if requests is not None:
        attributes[_REQUESTS] = _set_requests(cls, attributes, requests)
    return attributes


def _defaults(cls: type) -> dict[str, Any]:
    parameters = signature(cls).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def _check_fitted(attributes: dict[str, Any]) -> None:
    result, n_features = attributes["_result"], attributes.get("n_features_in_")
    fits(isinstance(result, BoostingResult), "the booster")
    features = attributes.get("_features")
    fits(isinstance(features, FeatureEncoder), "the encoding of features")
    fits(isinstance(n_features, Integral), "n_features_in_")
    fits(result.total_gains.shape[-1] == n_features, "n_features_in_")
    fits(max(features.categorical, default=0) < n_features, "categorical features")
    names = attributes.get("feature_names_in_", np.empty(n_features))
    fits(isinstance(names, np.ndarray) and names.shape == (n_features,), "names")


def _without_requests(state: dict[str, Any]) -> dict[str, Any]:
    """The state with the requests for metadata as a dict."""
    state = dict(state)
    requests = state.get(_REQUESTS)
    if requests is not None:
        found = {
            name: part.requests
            for name, part in vars(requests).items()
            if hasattr(part, "requests")
        }
        state[_REQUESTS] = {name: dict(part) for name, part in found.items() if part}
    return state


def _set_requests(cls: type, attributes: dict[str, Any], requests: Any) -> Any:
    """The requests as scikit-learn keeps them, by its own methods."""
    scratch = cls.__new__(cls)
    vars(scratch).update({name: attributes[name] for name in cls._get_param_names()})
    with config_context(enable_metadata_routing=True):
        for method, asked in requests.items():
            setter = f"set_{method}_request"
            fits(method.isidentifier() and hasattr(scratch, setter), setter)
            getattr(scratch, setter)(**asked)
    return vars(scratch)[_REQUESTS]


def estimator_class(name: Any, custom: dict[str, Any]) -> type:
    """The class of a file's estimator."""
    if type(name) is str and name in ESTIMATORS:
        return ESTIMATORS[name]
    found = custom.get(name) if type(name) is str else None
    if isinstance(found, type) and issubclass(found, tuple(ESTIMATORS.values())):
        return found
    raise ModelFileError(
        f"The file holds a {str(name)[:80]!r}, which is no estimator of this version "
        "of skmo's. Pass a class of your own in 'custom_objects'."
    )

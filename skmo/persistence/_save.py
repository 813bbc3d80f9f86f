"""From an estimator to a model file."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from sklearn.utils.validation import check_is_fitted

from .._plain import Packer
from .._state import STATE_FORMAT, current_version
from ..exceptions import ModelFileError
from ._atomic import write
from ._container import build
from ._custom import custom_by_name
from ._estimators import ESTIMATORS, plain_estimator
from ._load import estimator_from
from ._sections import SectionWriter

_LIBRARIES = ("lightgbm", "numpy", "scikit-learn")


def save(estimator: Any, file: Any, custom_objects: Sequence[Any]) -> None:
    """What `save_model` does."""
    check_is_fitted(estimator)
    custom = custom_by_name(custom_objects)
    cls = type(estimator)
    if cls is not ESTIMATORS.get(cls.__name__) and custom.get(cls.__name__) is not cls:
        raise ModelFileError(
            f"{cls.__name__} is a class of your own. Name it in 'custom_objects', here "
            "and when you load the model."
        )
    plain = plain_estimator(estimator, Packer(custom))
    header = {
        "skmo": current_version(),
        "format": STATE_FORMAT,
        "estimator": cls.__name__,
        "objectives": estimator.objective_names_,
        "n_features": estimator.n_features_in_,
        "libraries": {name: version(name) for name in _LIBRARIES},
    }
    writer = SectionWriter()
    writer.finish(plain)
    # What is saved can be loaded: better an error now than then.
    estimator_from(header, plain, custom)
    write(file, build({**header, "sections": writer.entries}, writer.sections))

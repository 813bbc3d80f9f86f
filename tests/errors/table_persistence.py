"""Errors of models in files."""

from __future__ import annotations

import io
from functools import partial

import numpy as np
from sklearn.preprocessing import OrdinalEncoder

from skmo.exceptions import ModelFileError
from tests.persistence.models import OwnRegressor, fitted

from ._persistence_files import CASES as OF_FILES
from ._persistence_trees import CASES as OF_TREES
from .case import Case

COVERS = {"persistence"}


def save(*, custom_objects=(), **attributes):
    """Save a model with these attributes."""
    model = fitted("regressor")[0]
    for name, value in attributes.items():
        setattr(model, name, value)
    model.save_model(io.BytesIO(), custom_objects=custom_objects)


of_saving = partial(Case, error=ModelFileError)

CASES = {
    "another generator": of_saving(
        lambda: save(random_state=np.random.RandomState(np.random.PCG64(0))),
        parameter="'random_state'",
        value="Got PCG64",
        remedy="use an integer for 'random_state'",
    ),
    "another encoder": of_saving(
        lambda: save(encoder=OrdinalEncoder().fit([["a"]])),
        parameter="A model file does not hold",
        value="OrdinalEncoder()",
        remedy="save the model with joblib",
    ),
    "class of one's own": of_saving(
        partial(save, __class__=OwnRegressor),
        parameter="'custom_objects'",
        value="OwnRegressor is a class of your own",
        remedy="Name it in 'custom_objects', here and when you load the model",
    ),
    "instance for a class": of_saving(
        partial(save, custom_objects=[3]),
        parameter="'custom_objects' parameter",
        value="Got 3 instead",
        remedy="must hold classes and functions",
    ),
    "altered model": of_saving(
        partial(save, n_features_in_=9),
        parameter="The parts of the model do not fit together",
        value="n_features_in_",
        remedy="Fit it again",
    ),
}
CASES |= OF_FILES | OF_TREES
ELSEWHERE: dict[tuple[str, str], str] = {}

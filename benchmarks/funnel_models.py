"""The models of the funnel's benchmark by name.

Each is a function ``fit(part, seed, n_jobs) -> Fitted``. All boosters have the same
rate, leaves, cap on rounds and patience. Those without skmo are written on LightGBM
alone, ESMM among them: a second implementation, so that a fault in skmo's cannot pass
for a fault of the method.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import lightgbm as lgb
import numpy as np
from funnel_esmm import train_esmm
from funnel_protocol import (
    LEARNING_RATE,
    LEAVES,
    PATIENCE,
    ROUNDS,
    Part,
    lightgbm_settings,
)
from funnel_scoring import Values, number
from models import BALANCED
from models_lightgbm import BAGGING

from skmo import EntireSpaceClassifier

# A ratio of two models' probabilities can pass 1.
_HIGHEST = 1 - 1e-7


@dataclass
class Fitted:
    """Probabilities of the test rows, both of shape (n_samples, n_stages)."""

    cumulative: np.ndarray
    conditional: np.ndarray
    rounds: list[int]
    # What the losses do to one another, means over the rounds, of skmo's models.
    conflict: dict[str, Values] = field(default_factory=dict)


Fit = Callable[[Part, int, int], Fitted]


def fit_separate(part: Part, seed: int, n_jobs: int, bags: int = 0) -> Fitted:
    """A model per stage on all rows, which knows nothing of the other stages."""
    found = [
        _probability(part, k, None, seed, n_jobs, bags)
        for k in range(part.Y_train.shape[1])
    ]
    cumulative = np.column_stack([probability for probability, _ in found])
    conditional = cumulative.copy()
    conditional[:, 1:] = np.minimum(cumulative[:, 1:] / cumulative[:, :-1], _HIGHEST)
    return Fitted(cumulative, conditional, [n for _, rounds in found for n in rounds])


def fit_product(part: Part, seed: int, n_jobs: int, bags: int = 0) -> Fitted:
    """A model per stage on the rows that reached the one before, multiplied."""
    found = [
        _probability(part, k, k - 1 if k else None, seed, n_jobs, bags)
        for k in range(part.Y_train.shape[1])
    ]
    conditional = np.column_stack([probability for probability, _ in found])
    rounds = [n for _, rounds in found for n in rounds]
    return Fitted(np.cumprod(conditional, axis=1), conditional, rounds)


def _probability(
    part: Part, k: int, given: int | None, seed: int, n_jobs: int, bags: int
) -> tuple[np.ndarray, list[int]]:
    """Of stage k over the test rows, learnt where the stage `given` was reached.

    The mean of as many models on bagged rows as `bags` says; 0 is one without bagging.
    """
    sides = [(part.X_train, part.Y_train), (part.X_val, part.Y_val)]
    if given is not None:
        reached = [Y[:, given] == 1 for _, Y in sides]
        sides = [(X[r], Y[r]) for (X, Y), r in zip(sides, reached, strict=True)]
    (X, Y), (X_val, Y_val) = sides
    probabilities, rounds = [], []
    for i in range(max(bags, 1)):
        params = {
            **lightgbm_settings(n_jobs),
            "objective": "binary",
            "seed": seed if not bags else bags * seed + i,
            **(BAGGING if bags else {}),
        }
        data = lgb.Dataset(
            X, Y[:, k], categorical_feature=part.categorical, params=params
        )
        booster = lgb.train(
            params,
            data,
            ROUNDS,
            valid_sets=[data.create_valid(X_val, Y_val[:, k])],
            callbacks=[lgb.early_stopping(PATIENCE, verbose=False)],
        )
        probabilities.append(booster.predict(part.X_test, num_threads=n_jobs))
        rounds.append(booster.best_iteration)
    return np.mean(probabilities, axis=0), rounds


def fit_esmm(part: Part, seed: int, n_jobs: int) -> Fitted:
    conditional, rounds = train_esmm(part, seed, n_jobs)
    return Fitted(np.cumprod(conditional, axis=1), conditional, rounds)


def fit_skmo(part: Part, seed: int, n_jobs: int, parameters: dict) -> Fitted:
    model = EntireSpaceClassifier(
        **parameters,
        n_estimators=ROUNDS,
        learning_rate=LEARNING_RATE,
        num_leaves=LEAVES,
        n_iter_no_change=PATIENCE,
        categorical_features=part.categorical,
        n_jobs=n_jobs,
        random_state=seed,
    )
    model.fit(part.X_train, part.Y_train, X_val=part.X_val, y_val=part.Y_val)
    conflict = {
        name: [number(value) for value in np.nanmean(values, axis=0)]
        for name, values in model.conflict_report_.items()
    }
    return Fitted(
        model.predict_proba(part.X_test),
        model.predict_conditional_proba(part.X_test),
        [int(n) for n in model.n_iter_],
        conflict,
    )


# The words that a name of skmo's model is made of, and what each sets: "skmo" is the
# default, "skmo_es_project_apart_none" the entire-space loss with projected gradients,
# a tree of its own for each stage and no heads. Words left out set nothing.
WORDS: dict[str, dict[str, Any]] = {
    "es": {"loss": "entire_space"},
    "conditional": {"loss": "conditional"},
    "ips": {"loss": "ips"},
    "dr": {"loss": "dr"},
    **{
        f"mix{w:g}": {"loss": {"conditional": 1.0, "entire_space": w}}
        for w in (0.1, 0.3, 1.0)
    },
    "ignore": {"conflict": "ignore"},
    "stop": {"conflict": "stop_gradient"},
    "project": {"conflict": "project"},
    **{
        name.replace("_", ""): {"conflict": "balance", "balancer": name}
        for name in BALANCED
    },
    **{rule: {"structure": rule} for rule in ("random", "apart")},
    **{heads: {"heads": heads} for heads in ("none", "auto", "blend")},
}
BASELINES: dict[str, Fit] = {
    "separate": fit_separate,
    "product": fit_product,
    "esmm": fit_esmm,
}
BAGGED: dict[str, Fit] = {
    "separate_bagged2": partial(fit_separate, bags=2),
    "product_bagged2": partial(fit_product, bags=2),
}
# Published ESMM in skmo's own words, to be compared with the other implementation.
SAME_AS_ESMM = "skmo_es_ignore_apart_none"
MODELS = [
    *BASELINES,
    *BAGGED,
    "skmo",
    SAME_AS_ESMM,
    *(f"skmo_es_{c}_apart_none" for c in ("stop", "project", "upgrad")),
    *(f"skmo_es_{c}_none" for c in ("ignore", "stop", "project", "upgrad")),
    *(f"skmo_es_{c}_auto" for c in ("ignore", "stop", "project", "upgrad")),
    *(f"skmo_{loss}_stop_{h}" for loss in ("ips", "dr") for h in ("none", "auto")),
    *(f"skmo_conditional_{w}" for w in ("none", "auto", "blend", "apart_none")),
    *(
        f"skmo_mix{w:g}_stop_{h}"
        for w in (0.1, 0.3, 1.0)
        for h in ("none", "auto", "apart_none")
    ),
]


def get_model(name: str) -> Fit:
    """The fit function; ValueError for a word that is not in `WORDS`."""
    known = {**BASELINES, **BAGGED}
    if name in known:
        return known[name]
    first, *words = name.split("_")
    unknown = [word for word in words if word not in WORDS]
    if first != "skmo" or unknown:
        raise ValueError(f"{name} is no model")
    parameters: dict[str, Any] = {}
    for word in words:
        parameters |= WORDS[word]
    return partial(fit_skmo, parameters=parameters)

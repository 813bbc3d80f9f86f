"""Fits drawn at random: hard features, targets, weights and parameters.

The shape of a problem is drawn by hypothesis, which shrinks it; its numbers come from
NumPy by a seed, which is quicker. A `Problem` prints as all it was drawn with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from hypothesis import reject
from hypothesis import strategies as st

from skmo import (
    EntireSpaceClassifier,
    MultiObjectiveClassifier,
    MultiObjectiveEstimator,
    MultiObjectiveRanker,
    MultiObjectiveRegressor,
    MultiQuantileRegressor,
)
from skmo.balancing import BALANCERS
from skmo.boosting.structure import STRUCTURE_RULES

SEEDS = st.integers(0, 2**32 - 1)
N_ROWS, N_TARGETS = st.integers(2, 60), st.integers(1, 4)

# --- features ------------------------------------------------------------------------

FEATURES: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "few values": lambda rng, n: rng.integers(-2, 3, n),
    "binary": lambda rng, n: rng.integers(0, 2, n),
    "constant": lambda rng, n: np.full(n, 3.25),
    "zeros of both signs": lambda rng, n: np.where(rng.random(n) < 0.5, 0.0, -0.0),
    "all missing": lambda rng, n: np.full(n, np.nan),
    "one observed": lambda rng, n: np.where(np.arange(n) == n // 2, 1.0, np.nan),
    "holes": lambda rng, n: np.where(rng.random(n) < 0.4, np.nan, rng.normal(size=n)),
    "half missing": lambda rng, n: np.where(
        np.arange(n) < n // 2, np.nan, rng.normal(size=n)
    ),
    "huge": lambda rng, n: 1e30 * rng.normal(size=n),
    "tiny": lambda rng, n: 1e-30 * rng.normal(size=n),
    "all scales": lambda rng, n: 10.0 ** rng.uniform(-30, 30, n) * rng.choice([-1, 1]),
    "one outlier": lambda rng, n: np.where(np.arange(n) == 0, 1e30, rng.normal(size=n)),
    "far away": lambda rng, n: 1e9 + rng.normal(size=n),
}
EXTREME_FEATURES = {
    "near overflow": lambda rng, n: 1.7e308 * rng.uniform(-1, 1, n),
    "subnormal": lambda rng, n: 5e-324 * rng.integers(-9, 9, n),
}


def features(rng, n, kinds, n_copies=0):
    """Columns of these kinds, and the first of them ``n_copies`` times more."""
    known = {**FEATURES, **EXTREME_FEATURES}
    columns = [np.asarray(known[kind](rng, n), dtype=float) for kind in kinds]
    return np.column_stack(columns + columns[:1] * n_copies)


# --- targets -------------------------------------------------------------------------

REAL = {
    "linear": lambda rng, x: x + 0.1 * rng.normal(size=len(x)),
    "noise": lambda rng, x: rng.normal(size=len(x)),
    "steps": lambda rng, x: np.sign(x),
    "constant": lambda rng, x: np.full(len(x), -7.3),
    "zero": lambda rng, x: np.zeros(len(x)),
    "almost constant": lambda rng, x: np.where(np.arange(len(x)) == 0, 1.0, 0.0),
    "heavy tails": lambda rng, x: rng.standard_cauchy(len(x)) ** 3,
    "one outlier": lambda rng, x: np.where(np.arange(len(x)) == 0, 1e15, x),
    "far away": lambda rng, x: 1e12 + x,
    "huge": lambda rng, x: 1e30 * x,
    "tiny": lambda rng, x: 1e-30 * x,
    "all scales": lambda rng, x: 10.0 ** rng.uniform(-30, 30, len(x)) * np.sign(x),
}
POSITIVE = {
    "counts": lambda rng, x: rng.poisson(np.exp(np.clip(x, -3, 3))),
    "exponential": lambda rng, x: rng.exponential(size=len(x)),
    "rare": lambda rng, x: (np.arange(len(x)) == 0).astype(float),
    "constant": lambda rng, x: np.full(len(x), 4.0),
    "zero": lambda rng, x: np.zeros(len(x)),
    "huge": lambda rng, x: 1e15 * rng.random(len(x)),
    "tiny": lambda rng, x: 1e-13 * (0.1 + rng.random(len(x))),
    "all scales": lambda rng, x: 10.0 ** rng.uniform(-30, 15, len(x)),
    "beyond": lambda rng, x: 1e25 * rng.random(len(x)),
}
BINARY = {
    "signs": lambda rng, x: x > 0,
    "noise": lambda rng, x: rng.random(len(x)) < 0.5,
    "one positive": lambda rng, x: np.arange(len(x)) == len(x) // 2,
    "one negative": lambda rng, x: np.arange(len(x)) != len(x) // 2,
}
CLASSES = {
    **BINARY,
    "three": lambda rng, x: np.digitize(x, [-0.5, 0.5]),
    "each row its own": lambda rng, x: np.arange(len(x)) % 40,
    "unequal": lambda rng, x: np.minimum(rng.geometric(0.6, len(x)), 9),
}
PROBABILITIES = {
    **BINARY,
    "uniform": lambda rng, x: rng.random(len(x)),
    "near 0 and 1": lambda rng, x: np.where(x > 0, 1.0 - 1e-16, 1e-300),
}
GRADES = {
    "graded": lambda rng, x: np.clip(np.round(x + 1.5), 0, 4),
    "one relevant": lambda rng, x: (np.arange(len(x)) == 0).astype(float),
    "noise": lambda rng, x: rng.integers(0, 5, len(x)),
    "high": lambda rng, x: rng.integers(0, 31, len(x)),
}
TARGETS = {
    "squared_error": REAL,
    "absolute_error": REAL,
    "huber": REAL,
    "quantile": REAL,
    "poisson": POSITIVE,
    "tweedie": POSITIVE,
    "gamma": {
        name: POSITIVE[name] for name in POSITIVE if name not in ("rare", "zero")
    },
    "binary": BINARY,
    "cross_entropy": PROBABILITIES,
    "multiclass": CLASSES,
}
HOLES = ("none", "few", "most", "block", "rows", "all but two")


def target(rng, x, objective, kind):
    """One target of this kind, from a signal ``x`` of the features."""
    values = np.asarray(TARGETS[objective][kind](rng, x), dtype=float)
    return np.maximum(values, 1e-30) if objective == "gamma" else values


def signal(X):
    """What targets follow: the first column, of any scale, as ranks in (-2, 2)."""
    first = np.nan_to_num(X[:, 0], nan=0.0)
    return 4.0 * (np.argsort(np.argsort(first)) + 0.5) / len(first) - 2.0


def with_holes(rng, Y, kinds):
    """Targets with unobserved entries, a kind of pattern for each."""
    Y = Y.copy()
    n = len(Y)
    rows = rng.random(n) < 0.3
    for k, kind in enumerate(kinds):
        missing = {
            "none": np.zeros(n, bool),
            "few": rng.random(n) < 0.2,
            "most": rng.random(n) < 0.9,
            "block": np.arange(n) < n // 2,
            "rows": rows,
            "all but two": np.arange(n) < n - 2,
        }[kind]
        missing[rng.integers(n)] = False  # something must be observed
        Y[missing, k] = np.nan
    return Y


# --- weights -------------------------------------------------------------------------

WEIGHTS = {
    "none": lambda rng, n, k: None,
    "equal": lambda rng, n, k: np.full(n, 0.37),
    "positive": lambda rng, n, k: rng.uniform(0.1, 5.0, n),
    "some zero": lambda rng, n, k: rng.integers(0, 3, n).astype(float),
    "zero but one": lambda rng, n, k: (np.arange(n) == n // 2).astype(float),
    "unequal": lambda rng, n, k: 10.0 ** rng.uniform(-12, 12, n),
    "by target": lambda rng, n, k: rng.uniform(0.1, 5.0, (n, k)),
    "by target, some zero": lambda rng, n, k: rng.integers(0, 3, (n, k)).astype(float),
    "by target, unequal": lambda rng, n, k: 10.0 ** rng.uniform(-12, 12, (n, k)),
}

# --- parameters ----------------------------------------------------------------------

PARAMS = {
    "n_estimators": st.integers(1, 5),
    "learning_rate": st.sampled_from([0.1, 1e-3, 1.0, 3.0]),
    "num_leaves": st.sampled_from([7, 2, 31]),
    "max_depth": st.sampled_from([-1, 1, 3]),
    "min_child_samples": st.sampled_from([5, 0, 1, 20]),
    "min_split_gain": st.sampled_from([0.0, 0.1]),
    "reg_alpha": st.sampled_from([0.0, 0.5]),
    "reg_lambda": st.sampled_from([0.0, 1.0, 1e6]),
    "subsample": st.sampled_from([1.0, 0.7]),
    "colsample_bytree": st.sampled_from([1.0, 0.5]),
    "max_bin": st.sampled_from([255, 2, 15]),
    "structure": st.sampled_from([*STRUCTURE_RULES]),
    "balancer": st.sampled_from([*BALANCERS]),
    "heads": st.sampled_from(["auto", "none", "blend", "boost"]),
    "early_stopping": st.sampled_from(["auto", True]),
    "n_iter_no_change": st.sampled_from([50, 1]),
}
# Those of every fit, so that an example takes milliseconds.
QUICK = {
    "n_estimators": 4,
    "num_leaves": 7,
    "min_child_samples": 3,
    "heads": "none",
    "n_jobs": 1,
    "random_state": 0,
}


@st.composite
def parameters(draw, names=tuple(PARAMS)):
    """Some parameters away from `QUICK`."""
    chosen = draw(st.lists(st.sampled_from(names), max_size=5, unique=True))
    return {name: draw(PARAMS[name]) for name in sorted(chosen)}


# --- estimators ----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Problem:
    """An estimator with its parameters, and what it is fitted on.

    ``recipe`` says how the arrays were made, for the report of a failure.
    """

    estimator: type
    params: dict[str, Any]
    X: np.ndarray = field(repr=False)
    Y: np.ndarray = field(repr=False)
    weight: np.ndarray | None = field(default=None, repr=False)
    more: dict[str, Any] = field(default_factory=dict, repr=False)
    recipe: tuple = ()

    def new(self, **params):
        """The estimator, not fitted."""
        given = {**QUICK, **self.params, **params}
        if self.estimator is MultiObjectiveRanker:
            del given["heads"]  # it has none
        return self.estimator(**given)

    def fit(self, **params):
        return self.new(**params).fit(
            self.X, self.Y, sample_weight=self.weight, **self.more
        )

    def fit_or_reject(self, **params):
        """`fit`; data that it refuses are not what the test is about."""
        try:
            return self.fit(**params)
        except ValueError:
            reject()

    def on(self, **changes):
        """The same problem on other arrays."""
        return replace(self, **changes)

    @property
    def n_targets(self):
        return 1 if self.Y.ndim == 1 else self.Y.shape[1]


def outputs(est, X):
    """All that an estimator predicts, by name, as arrays of floats."""
    found = {"predict": est.predict(X)}
    if hasattr(est, "predict_proba"):
        proba = est.predict_proba(X)
        parts = proba if isinstance(proba, list) else [proba]
        found |= {f"proba {k}": p for k, p in enumerate(parts) if p is not None}
    for name in ("predict_log_proba", "predict_conditional_proba"):
        if isinstance(est, EntireSpaceClassifier):
            found[name] = getattr(est, name)(X)
    if hasattr(est, "score_spreads_"):
        found["predict_objectives"] = est.predict_objectives(X)
    return {name: np.asarray(values, dtype=float) for name, values in found.items()}


def objectives_of(kind, draw, k):
    """Objectives of ``k`` targets for an estimator, and the parameters that say so."""
    if kind == "regressor":
        # One name for all targets, or one for each.
        names = [name for name in TARGETS if TARGETS[name] in (REAL, POSITIVE)]
        chosen = draw(
            st.lists(st.sampled_from([*names, "gamma"]), min_size=1, max_size=k)
        )
        found = [chosen[j % len(chosen)] for j in range(k)]
        return found, {"objective": found}
    if kind == "estimator":
        chosen = draw(st.lists(st.sampled_from([*TARGETS]), min_size=1, max_size=k))
        found = [chosen[j % len(chosen)] for j in range(k)]
        return found, {"objectives": found}
    if kind == "one score":
        family = draw(
            st.sampled_from(
                [
                    ["squared_error", "absolute_error", "huber", "quantile"],
                    ["binary", "cross_entropy"],
                    ["poisson", "tweedie", "gamma"],
                ]
            )
        )
        found = [draw(st.sampled_from(family)) for _ in range(k)]
        return found, {"objectives": found, "shared_score": True}
    if kind == "classifier":
        return ["multiclass"] * k, {}
    return ["squared_error"] * k, {}


KINDS = {
    "regressor": MultiObjectiveRegressor,
    "classifier": MultiObjectiveClassifier,
    "estimator": MultiObjectiveEstimator,
    "one score": MultiObjectiveEstimator,
    "ranker": MultiObjectiveRanker,
    "funnel": EntireSpaceClassifier,
    "quantiles": MultiQuantileRegressor,
}


@st.composite
def problems(
    draw,
    kinds=tuple(KINDS),
    *,
    n_rows=N_ROWS,
    feature_kinds=tuple(FEATURES),
    holes=HOLES,
    weights=tuple(WEIGHTS),
    params=None,
):
    """A problem of one of these kinds of estimators."""
    kind = draw(st.sampled_from(kinds))
    n = draw(n_rows)
    rng = np.random.default_rng(seed := draw(SEEDS))
    columns = draw(st.lists(st.sampled_from(feature_kinds), min_size=1, max_size=5))
    X = features(rng, n, columns, draw(st.integers(0, 1)))
    k = 1 if kind == "quantiles" else max(draw(N_TARGETS), 2 if kind == "funnel" else 1)
    names, own = objectives_of(kind, draw, k)
    given = draw(parameters() if params is None else params)
    if kind == "one score":
        given.pop("heads", None)
    more: dict[str, Any] = {}
    x = signal(X)
    if kind == "funnel":
        Y, patterns = _funnel(draw, rng, x, k)
        own = draw(
            st.fixed_dictionaries(
                {
                    "loss": st.sampled_from(
                        ["conditional", "entire_space", "ips", "dr"]
                    ),
                    "conflict": st.sampled_from(
                        ["stop_gradient", "ignore", "project", "balance"]
                    ),
                }
            )
        )
    else:
        patterns = [draw(st.sampled_from([*_targets(kind, name)])) for name in names]
        Y = np.column_stack(
            [
                _grades(rng, x, p) if kind == "ranker" else target(rng, x, name, p)
                for name, p in zip(names, patterns, strict=True)
            ]
        )
    gaps = [draw(st.sampled_from(holes)) for _ in range(k)]
    Y = with_holes(rng, Y, gaps)
    if kind == "ranker":
        size = draw(st.integers(1, 12))
        more["qid"] = np.arange(n) // size
        own = {
            "combine": draw(st.sampled_from(["scores", "gradients"])),
            "objectives": draw(st.sampled_from(["lambdarank", "xendcg"])),
        }
    if kind == "quantiles":
        Y = Y[:, 0]
        own = {"quantiles": draw(st.sampled_from([(0.1, 0.5, 0.9), (0.5,), 0.3]))}
    weighting = draw(st.sampled_from(weights))
    weight = WEIGHTS[weighting](rng, n, k)
    if kind == "ranker" and weighting == "some zero":
        weight = None
    recipe = (n, tuple(columns), tuple(patterns), tuple(gaps), weighting, seed)
    return Problem(KINDS[kind], {**given, **own}, X, Y, weight, more, recipe)


def _targets(kind, objective):
    return GRADES if kind == "ranker" else TARGETS[objective]


def _grades(rng, x, pattern):
    return np.asarray(GRADES[pattern](rng, x), dtype=float)


def _funnel(draw, rng, x, k):
    """Nested stages: each row comes as far as a number of them."""
    pattern = draw(st.sampled_from(["signal", "noise", "nobody", "one", "everybody"]))
    n = len(x)
    reach = {
        "signal": np.clip(np.round(x + rng.normal(size=n) + 1), 0, k),
        "noise": rng.integers(0, k + 1, n),
        "nobody": np.zeros(n),
        "one": k * (np.arange(n) == 0),
        "everybody": np.full(n, k),
    }[pattern]
    return (reach[:, None] > np.arange(k)).astype(float), [pattern]

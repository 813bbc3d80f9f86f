"""The objectives' scores of a fitted estimator, by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from numbers import Real
from typing import Any

import numpy as np
from sklearn import get_config
from sklearn.metrics import get_scorer
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import MethodMapping, process_routing

# Names that cv_results_ and scikit-learn's router have a use of their own for.
_SCORER = "objective "


def routing_enabled() -> bool:
    """Whether scikit-learn hands metadata on by request."""
    return bool(get_config()["enable_metadata_routing"])


def final_step(estimator: Any) -> Any:
    """The last step of a pipeline, of nested ones, too."""
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return estimator


def last_prefix(estimator: Any) -> str:
    """What parameters of the last step are called by, outside of a pipeline."""
    prefix = ""
    while isinstance(estimator, Pipeline):
        name, estimator = estimator.steps[-1]
        prefix += f"{name}__"
    return prefix


class ObjectiveScores:
    """What the objectives are, and what metadata their scores need.

    Parameters
    ----------
    objectives : mapping or None
        From names to scorers; None for the estimator's `score_objectives`.

    Raises
    ------
    ValueError
        For fewer than two objectives, or for what is no scorer.
    """

    def __init__(self, objectives: Any):
        self.scorers = None if objectives is None else _scorers(objectives)

    @property
    def names(self) -> list[str] | None:
        """The objectives' names; None where the fitted estimator has them."""
        return None if self.scorers is None else list(self.scorers)

    def __call__(
        self, estimator: Any, X: Any, y: Any, params: Mapping[str, Any]
    ) -> dict[str, float]:
        """Each objective's score; greater is better.

        Parameters
        ----------
        params : mapping
            From "estimator", or an objective's name, to keyword arguments.
        """
        if self.scorers is None:
            return _own_scores(estimator, X, y, params.get("estimator", {}))
        return {
            name: _number(scorer(estimator, X, y, **params.get(name, {})), name)
            for name, scorer in self.scorers.items()
        }

    def check_estimator(self, estimator: Any) -> None:
        """Raise where an estimator without objectives is not given any."""
        model = final_step(estimator)
        if self.scorers is None and not hasattr(model, "score_objectives"):
            raise ValueError(
                f"{type(model).__name__} has no method 'score_objectives': name what "
                "is to be traded off, objectives={name: scorer, ...}."
            )

    def add_to(self, router: Any, estimator: Any) -> Any:
        """Let a router know what the estimator and the scores ask for."""
        mapping = MethodMapping()
        for caller in ("fit", "score"):
            mapping.add(caller=caller, callee="score")
        fits = MethodMapping().add(caller="fit", callee="fit")
        if self.scorers is None:
            fits = mapping.add(caller="fit", callee="fit")
            return router.add(estimator=estimator, method_mapping=fits)
        router.add(estimator=estimator, method_mapping=fits)
        for name, scorer in self.scorers.items():
            router.add(**{_SCORER + name: scorer}, method_mapping=mapping)
        return router

    def routed(self, routed: Any) -> dict[str, dict[str, Any]]:
        """The scores' metadata out of those of all."""
        if self.scorers is None:
            return {"estimator": dict(routed["estimator"]["score"])}
        return {name: dict(routed[_SCORER + name]["score"]) for name in self.scorers}

    def refuse_unknown(self, estimator: Any, params: Mapping[str, Any]) -> None:
        """Raise ``TypeError`` for what no score has a parameter for."""
        taken = self.unrouted(estimator, params).values()
        known = {name for names in taken for name in names}
        for name in params:
            if name.removeprefix(last_prefix(estimator)) not in known:
                raise TypeError(
                    f"The objectives' scores take no argument {name!r}. Leave it out, "
                    "or have a scorer among the 'objectives' that takes it."
                )

    def unrouted(
        self, estimator: Any, params: Mapping[str, Any]
    ) -> dict[str, dict[str, Any]]:
        """Without routing: each score is given what it has a parameter for.

        The names are those of ``fit``: in a pipeline they have the step's before.
        """
        prefix = last_prefix(estimator)
        known = {name.removeprefix(prefix): value for name, value in params.items()}
        if self.scorers is None:
            method = final_step(estimator).score_objectives
            return {"estimator": _taken(method, known)}
        return {name: _taken(scorer, known) for name, scorer in self.scorers.items()}


def _scorers(objectives: Any) -> dict[str, Callable[..., float]]:
    if not isinstance(objectives, Mapping):
        raise ValueError(
            "The 'objectives' parameter must be a dict from names to scorers, or None "
            f"for the estimator's own. Got {objectives!r:.200} instead."
        )
    if len(objectives) < 2:
        raise ValueError(
            "A Pareto front needs at least two objectives: the 'objectives' parameter "
            f"names {list(objectives)}. With one, use GridSearchCV."
        )
    scorers = {}
    for name, scorer in objectives.items():
        if not isinstance(name, str):
            raise ValueError(
                "The 'objectives' parameter must have strings for keys, the names of "
                f"the objectives. Got the key {name!r:.200} instead."
            )
        if not isinstance(scorer, str) and not callable(scorer):
            raise ValueError(
                f"objectives[{name!r}] must be the name of a scorer or a callable "
                f"(estimator, X, y) -> float. Got {scorer!r:.200} instead."
            )
        try:
            scorers[name] = get_scorer(scorer)
        except ValueError as error:
            raise ValueError(
                f"objectives[{name!r}] must be a callable or one of the names that "
                "sklearn.metrics.get_scorer_names() lists. Got "
                f"{scorer!r:.200} instead."
            ) from error
    return scorers


def _own_scores(
    estimator: Any, X: Any, y: Any, params: Mapping[str, Any]
) -> dict[str, float]:
    """`score_objectives`, of a pipeline on what its transformers make of ``X``."""
    while isinstance(estimator, Pipeline):
        *steps, (last, final) = estimator.steps
        routed = None
        if routing_enabled():
            routed = process_routing(estimator, "score", **params)
            params = routed[last]["score"]
        for name, step in steps:
            if step is not None and step != "passthrough":
                extra = {} if routed is None else routed[name]["transform"]
                X = step.transform(X, **extra)
        estimator = final
    values = np.asarray(estimator.score_objectives(X, y, **params), dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(
            f"{type(estimator).__name__}.score_objectives must return one score per "
            f"objective, shape (n_objectives,). Got shape {values.shape} instead."
        )
    names = getattr(estimator, "objective_names_", None)
    if names is None:
        names = [f"objective{k}" for k in range(len(values))]
    if len(set(names)) < len(names):
        raise ValueError(
            f"Objectives must have names of their own. Got {list(names)}: rename the "
            "columns of y."
        )
    return {str(name): float(value) for name, value in zip(names, values, strict=True)}


def _number(score: Any, name: str) -> float:
    # None, of a scorer that forgot to return, is no number for float() either.
    with suppress(TypeError, ValueError):
        if isinstance(score, Real) or np.ndim(score) == 0:
            return float(score)
    raise ValueError(
        f"The scorer of objective {name!r} must return a number. Got "
        f"{score!r:.200} instead."
    )


def _taken(function: Callable[..., Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the parameters that the function names."""
    # scikit-learn's scorers pass all on to a metric, which need not take weights.
    function = getattr(function, "_score_func", function)
    names = inspect.signature(function).parameters
    return {name: value for name, value in params.items() if name in names}

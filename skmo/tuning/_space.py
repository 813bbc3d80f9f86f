"""What a trial may choose: parameters of the estimator, and its preference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

import numpy as np

from ..pareto._checks import check_parameter
from ._optuna import load_optuna
from ._simplex import start_preference, suggest_preference


def default_distributions() -> dict[str, Any]:
    """What is tuned if nothing is said: name -> distribution."""
    optuna = load_optuna()
    real = optuna.distributions.FloatDistribution
    whole = optuna.distributions.IntDistribution
    return {
        "num_leaves": whole(8, 128, log=True),
        "max_depth": optuna.distributions.CategoricalDistribution((-1, 4, 6, 8)),
        "learning_rate": real(0.01, 0.2, log=True),
        "min_child_samples": whole(5, 100, log=True),
        "subsample": real(0.5, 1.0),
        "colsample_bytree": real(0.4, 1.0),
        "reg_lambda": real(1e-3, 10.0, log=True),
    }


class SearchSpace:
    """Parameters of the estimator, as a trial suggests them.

    Parameters
    ----------
    space : dict of str to Distribution, callable or None
        As in `ParetoTunerCV`.
    preference_param : str or None
        The parameter that takes a point of the simplex.
    estimator : object
        Whose parameters they are.
    n_targets : int
        The number of importances in a preference.
    """

    def __init__(
        self,
        space: Mapping[str, Any] | Callable[[Any], dict[str, Any]] | None,
        preference_param: str | None,
        estimator: Any,
        n_targets: int,
    ):
        self.known = estimator.get_params(deep=True)
        self.preference_param = preference_param
        self.n_targets = n_targets
        self.function = space if callable(space) else None
        self.distributions: dict[str, Any] = {}
        if preference_param is not None:
            check_parameter(estimator, preference_param, "preference_param")
        if space is None:
            self.distributions = _default_space(self.known)
        elif self.function is None:
            self.distributions = _checked_distributions(space)
            self._check_names(self.distributions)
        if not self.distributions and not self.function and not preference_param:
            raise ValueError(
                "space={} has nothing to tune: name parameters and their "
                "distributions, or the 'preference_param'."
            )

    def params(self, trial: Any) -> dict[str, Any]:
        """What a trial sets in the estimator."""
        if self.function is None:
            params = {
                name: _suggest(trial, name, distribution)
                for name, distribution in self.distributions.items()
            }
        else:
            params = self.function(trial)
            if not isinstance(params, Mapping):
                raise ValueError(
                    "The function passed as 'space' must return a dict of the "
                    f"estimator's parameters. Got {params!r:.200} instead."
                )
            params = dict(params)
            self._check_names(params)
        if self.preference_param is not None:
            params[self.preference_param] = suggest_preference(
                trial, self.preference_param, self.n_targets
            )
        return params

    def past_params(self, trial: Any) -> dict[str, Any]:
        """What a finished trial has set, be it one of another process."""
        try:
            return self.params(trial)
        except ValueError as error:
            raise ValueError(
                f"The function passed as 'space' does not suggest what trial "
                f"{trial.number} of the study had ({trial.params}): the study was "
                "made with another one. Choose another 'study_name'."
            ) from error

    def start(self) -> dict[str, Any]:
        """The estimator's own parameters, or the nearest to them in the space.

        What has no nearest value is left out, for the sampler to draw. Of a function
        it is not known what it suggests.
        """
        start = {}
        if self.function is not None:
            return start
        for name, distribution in self.distributions.items():
            for value in _nearest(self.known[name], distribution):
                start[name] = value
        if self.preference_param is not None:
            own = self.known[self.preference_param]
            start |= start_preference(self.preference_param, own, self.n_targets)
        return start

    def tuned(self) -> set[str]:
        """The parameters' names, as far as they are known."""
        return set(self.distributions) | {self.preference_param}

    def describe(self) -> dict[str, Any]:
        """The space in JSON's types, to compare it with that of a stored study."""
        to_json = load_optuna().distributions.distribution_to_json
        text = {name: to_json(dist) for name, dist in self.distributions.items()}
        if self.function is not None:
            text["function"] = getattr(
                self.function, "__qualname__", type(self.function).__qualname__
            )
        if self.preference_param is not None:
            text[self.preference_param] = f"simplex of {self.n_targets}"
        return text

    def _check_names(self, params: Mapping[str, Any]) -> None:
        unknown = sorted(set(params) - set(self.known), key=str)
        if unknown:
            raise ValueError(
                f"The 'space' names {unknown}, which the estimator has no parameter "
                "for. Inside a pipeline a parameter has the step's name before it, as "
                f"in 'model__num_leaves'. There are {sorted(self.known)}."
            )
        if self.preference_param in params:
            raise ValueError(
                f"The 'space' names {self.preference_param!r}, and so does "
                "'preference_param': leave it out of one of them."
            )


def _default_space(known: Mapping[str, Any]) -> dict[str, Any]:
    """The default distributions of the parameters that the estimator has.

    In a pipeline or another meta-estimator they have its steps' names before them.
    """
    default = default_distributions()
    ends = {name for name in known if name.rpartition("__")[2] == "num_leaves"}
    prefixes = {name.removesuffix("num_leaves") for name in ends}
    if len(prefixes) != 1:
        found = f"has {sorted(ends)}" if ends else "has no parameter 'num_leaves'"
        raise ValueError(
            "space=None tunes the parameters of one LightGBM model, and the estimator "
            f"{found}. Pass a dict of parameter name to Optuna distribution, or a "
            "function of a trial."
        )
    prefix = prefixes.pop()
    return {
        prefix + name: distribution
        for name, distribution in default.items()
        if prefix + name in known
    }


def _checked_distributions(space: Mapping[str, Any]) -> dict[str, Any]:
    base = load_optuna().distributions.BaseDistribution
    for name, distribution in space.items():
        if not isinstance(distribution, base):
            raise ValueError(
                f"space[{name!r}] must be a distribution of optuna.distributions, such "
                "as IntDistribution(8, 128, log=True) or CategoricalDistribution([...])"
                f". Got {distribution!r:.200} instead."
            )
    return dict(space)


def _suggest(trial: Any, name: str, distribution: Any) -> Any:
    distributions = load_optuna().distributions
    if isinstance(distribution, distributions.CategoricalDistribution):
        return trial.suggest_categorical(name, distribution.choices)
    whole = isinstance(distribution, distributions.IntDistribution)
    suggest = trial.suggest_int if whole else trial.suggest_float
    return suggest(
        name,
        distribution.low,
        distribution.high,
        step=distribution.step,
        log=distribution.log,
    )


def _nearest(value: Any, distribution: Any) -> list[Any]:
    """The value of the distribution that is nearest to this one, if one is."""
    distributions = load_optuna().distributions
    number = isinstance(value, Real) and not isinstance(value, bool)
    if isinstance(distribution, distributions.CategoricalDistribution):
        # Without comparing arrays, or taking True for 1.
        return [
            choice
            for choice in distribution.choices
            if choice is value or (type(choice) is type(value) and choice == value)
        ][:1]
    if not number or np.isnan(value):
        return []
    low, high, step = distribution.low, distribution.high, distribution.step
    value = min(max(value, low), high)
    if step is not None and not distribution.log:
        value = min(low + round((value - low) / step) * step, high)
    whole = isinstance(distribution, distributions.IntDistribution)
    return [round(value) if whole else float(value)]

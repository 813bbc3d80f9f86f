"""What every balancer provides."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator

from .._sklearn import validate_parameter_constraints


class Balancer(BaseEstimator, ABC):
    """From the objectives' Gramian and losses to their weights.

    A balancer is a small function of a small matrix: it can be used, and is
    tested, without training anything. One that remembers between calls keeps
    its memory in private attributes and clears it in ``reset``.

    Subclass it and write ``_weights`` to balance by a rule of your own. The
    flags below are class attributes.

    Attributes
    ----------
    needs_gramian : bool
        Whether the Gramian's entries are read; without it only its shape is,
        and an estimator does not compute it.
    needs_losses : bool
        Whether the losses are read.
    takes_preference : bool
        Whether the method has a preference vector. One that has not refuses
        it: nothing the user says is ignored.
    takes_bounds : bool
        Whether the method holds losses below upper bounds. One that does finds
        those of a call in ``self._bounds``; one that does not refuses them.
    draws_labels : bool
        Whether the weights are probabilities with which every query (a row, for
        losses of single rows) is given one of the labels. The draws come from a
        method ``generator``, as that of `LabelAggregation`.
    nonnegative : bool
        Whether weights are at least 0. A method that may give negative ones is
        held at 0 by estimators whose objectives share the trees' structure
        only, where the sign of a gradient means nothing.
    acts_on : {"all", "gradients", "conflict", "lengths"}
        What moves the weights away from equal ones (or the preference):
        "conflict", negative inner products alone; "lengths", the gradients'
        lengths alone; "gradients", the Gramian alone and all objectives alike,
        so that two of one length weigh the same. An estimator in which that does
        not occur warns.
    """

    needs_gramian: ClassVar[bool] = False
    needs_losses: ClassVar[bool] = False
    takes_preference: ClassVar[bool] = False
    takes_bounds: ClassVar[bool] = False
    draws_labels: ClassVar[bool] = False
    nonnegative: ClassVar[bool] = True
    acts_on: ClassVar[str] = "all"

    _parameter_constraints: ClassVar[dict[str, list]] = {}
    # Attributes with one entry per objective along the first axis, such as
    # moving averages; None until the first call.
    _per_objective: ClassVar[tuple[str, ...]] = ()
    # Those of the present call. No argument of ``_weights``, which users write.
    _bounds: np.ndarray

    def weights(
        self,
        gramian: ArrayLike,
        losses: ArrayLike | None = None,
        *,
        preference: ArrayLike | None = None,
        bounds: ArrayLike | None = None,
    ) -> np.ndarray:
        """The objectives' weights.

        Parameters
        ----------
        gramian : array-like of shape (n_objectives, n_objectives)
            Inner products of the objectives' gradients.
        losses : array-like of shape (n_objectives,), default=None
            The objectives' current losses, at least 0. Required where
            ``needs_losses`` is true.
        preference : array-like of shape (n_objectives,), default=None
            Importances, at least 0 and not all 0; only their ratios count.
            None means equal ones. Refused where ``takes_preference`` is false.
        bounds : array-like of shape (n_objectives,), default=None
            Upper bounds on the losses, infinite where there is none, as all are
            with None. Finite ones are refused where ``takes_bounds`` is false.

        Returns
        -------
        ndarray of shape (n_objectives,)
            Finite. On the scale of the published method, which need not be a
            sum of 1.

        Raises
        ------
        ValueError
            For a bad parameter of the balancer, a Gramian that is not a finite
            square matrix, or losses, preferences or bounds that do not suit it.
        """
        self.validate_params()
        gramian = numbers(gramian, "The Gramian")
        if gramian.ndim != 2 or gramian.shape[0] != gramian.shape[1]:
            raise ValueError(
                "The Gramian must have shape (n_objectives, n_objectives). Got shape "
                f"{gramian.shape} instead."
            )
        n = len(gramian)
        if n == 0:
            raise ValueError(
                "The Gramian must hold at least one objective. Got shape "
                f"{gramian.shape} instead."
            )
        if self.needs_gramian:
            if not np.isfinite(gramian).all():
                i, j = np.argwhere(~np.isfinite(gramian))[0]
                raise ValueError(
                    f"The Gramian must be finite. Got {gramian[i, j]} in row {i} and "
                    f"column {j} instead."
                )
            gramian = (gramian + gramian.T) / 2
        if losses is not None:
            losses = vector(losses, n, "'losses'")
        elif self.needs_losses:
            raise ValueError(
                f"{type(self).__name__} weighs objectives by their losses: pass "
                "'losses', one per objective. Got None instead."
            )
        if preference is not None:
            preference = self._check_preference(preference, n)
        self._bounds = self._check_bounds(bounds, n)
        self._check_memory(n)
        return self._weights(gramian, losses, preference)

    @abstractmethod
    def _weights(
        self,
        gramian: np.ndarray,
        losses: np.ndarray | None,
        preference: np.ndarray | None,
    ) -> np.ndarray:
        """The weights for checked input, all float64; see ``weights``.

        ``gramian`` is symmetric where ``needs_gramian``, ``losses`` are given
        where ``needs_losses``, and ``preference`` sums to 1 or is None.
        ``self._bounds`` holds the upper bounds, infinite where there is none.
        """

    def criterion(
        self, losses: ArrayLike, preference: ArrayLike | None = None
    ) -> float:
        """What is minimised in one number, to compare rounds of one score by.

        The mean of the losses by the preference, or the method's own measure.
        Bounds have no part in it.

        Parameters
        ----------
        losses : array-like of shape (n_objectives,)
            As for ``weights``, but of any sign; no NaN.
        preference : array-like of shape (n_objectives,), default=None
            As for ``weights``.

        Returns
        -------
        float
            Smaller is better. The loss itself where all losses are equal, and all
            importances.

        Raises
        ------
        ValueError
            For bad losses or preferences.
        """
        losses = numbers(losses, "'losses'")
        if losses.ndim != 1 or not len(losses) or np.isnan(losses).any():
            raise ValueError(
                "'losses' must hold one number per objective and no NaN. Got "
                f"{losses.tolist()} instead."
            )
        if preference is None:
            return float(self._criterion(losses, uniform(len(losses))))
        preference = self._check_preference(preference, len(losses))
        return float(self._criterion(losses, preference))

    def _criterion(self, losses: np.ndarray, preference: np.ndarray) -> float:
        """The criterion for checked input; the preference sums to 1."""
        # Not 0 times an infinite loss.
        return preference[preference > 0] @ losses[preference > 0]

    def reset(self) -> None:
        """Forget earlier calls."""
        for name in self._per_objective:
            setattr(self, name, None)

    def keep(self, kept: np.ndarray) -> None:
        """Go on with some of the objectives; the others have stopped.

        Parameters
        ----------
        kept : ndarray of shape (n_objectives,), bool or int
            Mask or indices over the objectives of the last call; of all
            objectives if there was none.
        """
        for name in self._per_objective:
            memory = getattr(self, name, None)
            if memory is not None:
                setattr(self, name, memory[kept])

    def seed(self, seed: int) -> None:
        """Draw from this seed where no ``random_state`` is set.

        Parameters
        ----------
        seed : int
        """
        if getattr(self, "random_state", seed) is None:
            self.random_state = seed

    def validate_params(self) -> None:
        """Check the parameters; raise ``ValueError`` naming the bad one."""
        validate_parameter_constraints(
            self._parameter_constraints,
            self.get_params(deep=False),
            caller_name=type(self).__name__,
        )

    def check_preference(self, preference: np.ndarray | None) -> None:
        """Raise ``ValueError`` for a preference this method has no place for.

        Parameters
        ----------
        preference : ndarray of shape (n_objectives,) or None
        """
        if preference is not None and not self.takes_preference:
            raise ValueError(
                f"{type(self).__name__} takes no preference. Got preference="
                f"{np.asarray(preference).tolist()}: leave 'preference' at None, or "
                "choose a balancer that has one, such as 'equal'."
            )

    def check_bounds(self, bounds: np.ndarray | None) -> None:
        """The same for bounds, of shape (n_objectives,) or None."""
        if bounds is not None and np.isfinite(bounds).any() and not self.takes_bounds:
            raise ValueError(
                f"{type(self).__name__} takes no bounds. Got bounds="
                f"{np.asarray(bounds).tolist()}: leave 'bounds' at None, or choose a "
                "balancer that has them, such as 'augmented_lagrangian'."
            )

    def _check_memory(self, n: int) -> None:
        for name in self._per_objective:
            memory = getattr(self, name, None)
            if memory is not None and len(memory) != n:
                raise ValueError(
                    f"{type(self).__name__} remembers {len(memory)} objectives, but "
                    f"was called with {n}. Call reset() before weighing others."
                )

    def _check_preference(self, preference: ArrayLike, n: int) -> np.ndarray:
        if not self.takes_preference:
            self.check_preference(preference)
        preference = vector(preference, n, "'preference'")
        if not preference.any():
            raise ValueError(
                "'preference' must be more than 0 for one objective at least. Got "
                f"{preference.tolist()} instead."
            )
        self.check_preference(preference)
        # Twice, as the sum of huge numbers may overflow.
        preference = preference / preference.max()
        return preference / preference.sum()

    def _check_bounds(self, bounds: ArrayLike | None, n: int) -> np.ndarray:
        if bounds is None:
            return np.full(n, np.inf)
        found = numbers(bounds, "'bounds'")
        if found.shape != (n,) or np.isnan(found).any() or (found < 0).any():
            raise ValueError(
                f"'bounds' must hold {n} numbers of at least 0, one per objective and "
                f"infinite for none. Got {found.tolist()} instead."
            )
        self.check_bounds(found)
        return found


def numbers(values: ArrayLike, name: str) -> np.ndarray:
    """As float64."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} must hold numbers alone, in rows of one length. Got "
            f"{values!r:.200} instead."
        ) from None


def vector(values: ArrayLike, n: int, name: str) -> np.ndarray:
    """One number of at least 0 per objective, checked, as float64."""
    values = numbers(values, name)
    if values.shape != (n,):
        raise ValueError(
            f"{name} must have shape ({n},), one entry per objective. Got shape "
            f"{values.shape} instead."
        )
    if not np.isfinite(values).all() or (values < 0).any():
        raise ValueError(
            f"{name} must be finite and at least 0. Got {values.tolist()} instead."
        )
    return values


def uniform(n: int) -> np.ndarray:
    """The same weight for all, summing to 1."""
    return np.full(n, 1.0 / n)

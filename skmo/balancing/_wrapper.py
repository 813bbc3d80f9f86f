"""Balancers that work on another one's weights."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ._base import Balancer


class Wrapper(Balancer):
    """A balancer with another one in its parameter ``balancer``.

    What the other one needs and takes, this one does. The user's instance is never
    changed: a clone of it works, made at the first call after ``reset``.
    """

    balancer: Any

    _parameter_constraints: ClassVar[dict[str, list]] = {
        "balancer": [str, Balancer, type],
    }

    @property
    def needs_gramian(self) -> bool:  # type: ignore[override]
        return self._spec().needs_gramian

    @property
    def needs_losses(self) -> bool:  # type: ignore[override]
        return self._spec().needs_losses

    @property
    def takes_preference(self) -> bool:  # type: ignore[override]
        return self._spec().takes_preference

    @property
    def takes_bounds(self) -> bool:  # type: ignore[override]
        return self._spec().takes_bounds

    @property
    def draws_labels(self) -> bool:  # type: ignore[override]
        return self._spec().draws_labels

    @property
    def nonnegative(self) -> bool:  # type: ignore[override]
        return self._spec().nonnegative

    @property
    def acts_on(self) -> str:  # type: ignore[override]
        return self._spec().acts_on

    def _spec(self) -> Balancer:
        """The inner balancer as the parameter says, to read only."""
        if isinstance(self.balancer, Balancer):
            return self.balancer
        return _get_balancer(self.balancer)

    def _inner_weights(
        self,
        gramian: np.ndarray,
        losses: np.ndarray | None,
        preference: np.ndarray | None,
    ) -> np.ndarray:
        # Bounds only to those that have them: a class of the user's own may have
        # a method ``weights`` that knows of none.
        bounds = {"bounds": self._bounds} if self.takes_bounds else {}
        return self._working().weights(gramian, losses, preference=preference, **bounds)

    def criterion(
        self, losses: ArrayLike, preference: ArrayLike | None = None
    ) -> float:
        """The inner balancer's."""
        return self._working().criterion(losses, preference)

    def generator(self, n_round: int) -> np.random.Generator:
        """The inner balancer's, where it draws labels."""
        return self._working().generator(n_round)  # type: ignore[attr-defined]

    def _working(self) -> Balancer:
        """The clone that works; another balancer in the parameter starts anew."""
        inner = getattr(self, "_inner", None)
        if inner is None or self._inner_of is not self.balancer:
            self._inner = _get_balancer(self.balancer)
            self._inner_of = self.balancer
        return self._inner

    def validate_params(self) -> None:
        super().validate_params()
        self._spec().validate_params()

    def check_preference(self, preference: np.ndarray | None) -> None:
        super().check_preference(preference)
        self._spec().check_preference(preference)

    def check_bounds(self, bounds: np.ndarray | None) -> None:
        super().check_bounds(bounds)
        self._working().check_bounds(bounds)

    def reset(self) -> None:
        super().reset()
        self._inner = None

    def keep(self, kept: np.ndarray) -> None:
        super().keep(kept)
        self._working().keep(kept)

    def seed(self, seed: int) -> None:
        # Written to a clone in the parameter, so that it outlives reset and clone.
        super().seed(seed)
        seeded = _get_balancer(self.balancer)
        before = seeded.get_params()
        seeded.seed(seed)
        if seeded.get_params() != before:
            self.balancer = seeded


def _get_balancer(balancer: Any) -> Balancer:
    # The names include the wrappers', whose modules import this one.
    from ._registry import get_balancer

    return get_balancer(balancer)

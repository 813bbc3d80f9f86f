"""Whoever has improved least so far gets more of the next tree.

Copy this file, rename the class and write ``_weights``. Then run
``check_balancer(MyBalancer(), [...])`` with what you claim of it.
"""

from typing import ClassVar

import numpy as np

from skmo.balancing import Balancer


class Laggards(Balancer):
    """Weights grow with the share of the loss that is left.

    Parameters
    ----------
    power : float, default=1.0
        How much so; 0 weighs all alike.
    memory : float, default=0.9
        How much of the last shares is kept, in [0, 1).
    """

    # What is read: losses, as shares of the first ones, and the user's preference.
    # The Gramian of the gradients would cost time, and is not asked for.
    needs_losses: ClassVar[bool] = True
    takes_preference: ClassVar[bool] = True

    # Remembered from call to call, one entry per objective: `reset` clears it and
    # `keep` drops the objectives that have stopped.
    _per_objective: ClassVar[tuple[str, ...]] = ("_shares",)

    def __init__(self, power=1.0, memory=0.9):
        self.power = power
        self.memory = memory

    def validate_params(self):
        if not (self.power >= 0 and 0 <= self.memory < 1):
            raise ValueError(
                "'power' must be at least 0 and 'memory' in the range [0, 1). Got "
                f"{self.power!r} and {self.memory!r} instead."
            )

    def _weights(self, gramian, losses, preference):
        # All float64, of shapes (n_objectives, n_objectives), (n_objectives,) and
        # (n_objectives,); the preference sums to 1, or is None.
        if getattr(self, "_shares", None) is None:
            self._shares = losses
        self._shares = self.memory * self._shares + (1 - self.memory) * losses
        weights = self._shares**self.power
        if preference is not None:
            weights = weights * preference
        total = weights.sum()
        # Losses may all be 0; weights must stay finite.
        return weights / total if total > 0 else np.full(len(losses), 1 / len(losses))

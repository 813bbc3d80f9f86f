"""Trees for two objectives at a time.

Copy this file, rename the class and write ``direction``.
"""

import numpy as np

from skmo.boosting.structure import StructureRule


class RandomPair(StructureRule):
    """Grow each tree on the sum or the difference of two objectives' gradients."""

    def direction(self, state, rng):
        # `state.weights` are the balancer's, 0 for objectives that have stopped;
        # `state.owner` tells the objective of each score. All randomness from `rng`.
        learning = np.flatnonzero(state.weights)
        n_drawn = min(2, len(learning))
        share = state.weights[learning] / state.weights[learning].sum()
        pair = rng.choice(learning, size=n_drawn, replace=False, p=share)
        signs = np.zeros(len(state.weights))
        signs[pair] = rng.choice([-1.0, 1.0], size=n_drawn)
        # A direction inside each objective's own scores, times its sign. The length
        # does not matter.
        return signs[state.owner] * state.unit_directions(rng)

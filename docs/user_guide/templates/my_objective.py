"""Expectiles: a squared error that counts one side more than the other.

Copy this file, rename the class and write the four marked methods. Then run
``check_objective(MyObjective())``.
"""

import numpy as np

from skmo.objectives import Objective


class Expectile(Objective):
    """Asymmetric squared error; the score is a conditional expectile.

    Newey and Powell, "Asymmetric least squares estimation and testing",
    Econometrica 55 (1987).

    Parameters
    ----------
    alpha : float, default=0.5
        How much targets above the score weigh, in (0, 1); those below weigh the
        rest. 0.5 is the squared error, halved.
    """

    # A shift or a scaling of the target changes nothing but the loss's unit, by the
    # factor's square: skmo may train on the standardised target.
    standardise = True
    loss_degree = 2

    def __init__(self, alpha=0.5):
        self.alpha = alpha  # nothing but assignments: scikit-learn clones it

    def validate_params(self):
        # (1) Bad parameters end a fit before anything is trained.
        if not 0 < self.alpha < 1:
            raise ValueError(
                "The 'alpha' parameter of Expectile must be in the range (0, 1). Got "
                f"{self.alpha!r} instead."
            )

    def init_score(self, target, weight):
        # (2) The constant of least weighted loss: the weighted mean, where the
        # weights depend on the side. It is found in a few steps.
        weight = np.ones_like(target) if weight is None else weight
        centre = np.average(target, weights=weight)
        for _ in range(100):
            before = centre
            centre = np.average(target, weights=weight * self._side(target, centre))
            if abs(centre - before) <= 1e-12 * abs(before):
                break
        return np.array([centre])

    def loss(self, target, score):
        # (3) One number per target, at least 0. No means: weights come later.
        return self._side(target, score) * (target - score) ** 2 / 2

    def gradient_hessian(self, target, score, gradient, hessian):
        # (4) First and second derivative by the score, written into the arrays.
        hessian[...] = self._side(target, score)
        gradient[...] = hessian * (score - target)

    def _side(self, target, score):
        # A Python float, as a NumPy one would turn float32 arrays into float64.
        alpha = float(self.alpha)
        above = np.greater(target, score).astype(np.asarray(score).dtype)
        return (1 - alpha) + (2 * alpha - 1) * above

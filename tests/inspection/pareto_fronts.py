"""Fronts to draw, for the tests of their pictures."""

import numpy as np

from skmo.inspection import ParetoFrontDisplay

NAME = "an_objective_with_a_name_of_some_length_"
# Three points, and a fourth that the second dominates.
FRONT = np.array([[0.2, 0.9], [0.6, 0.7], [0.8, 0.3]])
BEHIND = np.array([[0.5, 0.6]])


def make_display(n_objectives, n_points=9, *, seed=0, **options):
    """A display with all it can have, of points on a sphere."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(n_objectives), n_points)
    scores = 0.5 + 0.4 * np.sqrt(shares)
    options = {
        "objective_names": [f"{NAME}{k}" for k in range(n_objectives)],
        "preferences": shares,
        "dominated": scores[:3] - 0.05,
        "std": np.full(scores.shape, 0.01),
        "selected": n_points // 2,
        "bounds": [0.6] + [np.nan] * (n_objectives - 1),
        "reference": 0.4,
        **options,
    }
    return ParetoFrontDisplay(scores, **options)


def legend_texts(display):
    return [text.get_text() for text in display.legend_.get_texts()]

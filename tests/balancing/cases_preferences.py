"""Balancers around a preference or bounds."""

import numpy as np

from skmo.balancing import WCMGDA, AugmentedLagrangian, LabelAggregation
from tests.balancing.cases import Case, Value, gramian

I2 = np.eye(2)
NONE = np.inf

CASES = [
    Case(
        WCMGDA,
        values=[
            Value(
                "equal losses: the shortest combination, by squared lengths 1 and 4",
                [{"gramian": np.diag([1.0, 4.0]), "losses": [3.0, 3.0]}],
                [[0.8, 0.2]],
            ),
            Value(
                "p l is 2/3 twice; p g has squared lengths 4/9 and 1/9, so that alpha "
                "is (1, 4), times p (2, 4)",
                [{"gramian": I2, "losses": [1.0, 2.0], "preference": [2.0, 1.0]}],
                [[1 / 3, 2 / 3]],
            ),
            Value(
                "c = (0.8, 0.6), Q = I / 2: beta = 2 (t, t - 0.2) at t = 0.8 has the "
                "length sqrt(2 (0.64 + 0.36))",
                [{"gramian": I2, "losses": [4.0, 3.0]}],
                [[4 / 7, 3 / 7]],
                {"u": np.sqrt(2)},
            ),
            Value(
                "the same with t = u / sqrt(2) < 0.2: the second is not reached",
                [{"gramian": I2, "losses": [4.0, 3.0]}],
                [[1.0, 0.0]],
                {"u": 0.28},
            ),
            Value(
                "the same with 4 t^2 - 0.8 t + 0.08 = u^2 = 0.09: t = 0.2118034",
                [{"gramian": I2, "losses": [4.0, 3.0]}],
                [[0.9472136, 0.0527864]],
                {"u": 0.3},
            ),
            Value(
                "one half for either axis, the first one's shared by its duplicates",
                [{"gramian": gramian([1, 0], [1, 0], [0, 1]), "losses": np.ones(3)}],
                [[0.25, 0.25, 0.5]],
                rtol=1e-4,
            ),
            Value(
                "no importance, no weight, whatever the loss",
                [{"gramian": I2, "losses": [1.0, 9.0], "preference": [1.0, 0.0]}],
                [[1.0, 0.0]],
            ),
            Value(
                "no gradients: the worst, 2/4 twice, by their preference",
                [
                    {
                        "gramian": np.zeros((3, 3)),
                        "losses": [2.0, 1.0, 0.1],
                        "preference": [1.0, 2.0, 1.0],
                    }
                ],
                [[1 / 3, 2 / 3, 0.0]],
            ),
        ],
        properties=frozenset({"convex", "permutation"}),
    ),
    Case(
        AugmentedLagrangian,
        values=[
            Value(
                "0.5 above the bound twice, 0.25 below it, then far below it",
                [
                    {"gramian": I2, "losses": [1.0, loss], "bounds": [NONE, 0.5]}
                    for loss in (1.0, 1.0, 0.25, 0.0)
                ],
                [[1.0, 1.0], [1.0, 2.0], [1.0, 1.5], [1.0, 0.5]],
                {"mu": 2.0},
            ),
            Value(
                "met from the start: no credit for being below; then 1 above",
                [
                    {"gramian": I2, "losses": [1.0, loss], "bounds": [NONE, 1.0]}
                    for loss in (0.2, 2.0)
                ],
                [[1.0, 0.0], [1.0, 10.0]],
            ),
            Value(
                "3 and 1 of the 4 without a bound; the 5 has no part",
                [
                    {
                        "gramian": np.eye(3),
                        "losses": [9.0, 1.0, 9.0],
                        "bounds": [NONE, 0.5, NONE],
                        "preference": [3.0, 5.0, 1.0],
                    }
                ],
                [[0.75, 5.0, 0.25]],
            ),
            Value(
                "without bounds the preference",
                [{"gramian": I2, "losses": [1.0, 2.0], "preference": [3.0, 1.0]}],
                [[0.75, 0.25]],
            ),
            Value(
                "a bound that is taken away leaves nothing behind",
                [
                    {"gramian": I2, "losses": [1.0, 1.0], "bounds": bounds}
                    for bounds in ([NONE, 0.5], None, [NONE, 0.5])
                ],
                [[1.0, 5.0], [0.5, 0.5], [1.0, 5.0]],
            ),
        ],
        bounds=lambda n: [NONE] + (n - 1) * [0.1],
        properties=frozenset({"permutation"}),
        stateful=True,
    ),
    Case(
        LabelAggregation,
        values=[
            Value(
                "one half each, call after call", [{"gramian": I2}] * 2, [[0.5] * 2] * 2
            ),
            Value(
                "the preference over its sum, 8",
                [{"gramian": np.eye(3), "preference": [2.0, 0.0, 6.0]}],
                [[0.25, 0.0, 0.75]],
            ),
        ],
        properties=frozenset({"convex", "permutation"}),
        random=True,
    ),
]

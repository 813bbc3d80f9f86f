"""The maximum weighted loss: by hand, and what it claims."""

import numpy as np
import pytest

from skmo.metrics import maximum_weighted_loss

nan, inf = np.nan, np.inf


@pytest.mark.parametrize(
    ("losses", "options", "expected"),
    [
        ([0.2, 0.5], {}, 0.5),
        # 2 * 0.75 * 0.2 is more than 2 * 0.25 * 0.5.
        ([0.2, 0.5], {"preference": [3, 1]}, 0.3),
        ([0.2, 0.5], {"preference": [0.75, 0.25]}, 0.3),
        ([0.2, 0.5, 0.1], {"preference": [1, 1, 2]}, 3 * 0.25 * 0.5),
        ([0.2, 0.5], {"ideal": [0.1, 0.45]}, 0.1),
        ([0.2, 0.5], {"ideal": 0.1}, 0.4),
        ([0.2, 0.5], {"ideal": 1.0}, -0.5),  # signed: nearer to 1 is worse
        ([0.2, 9.0], {"preference": [1, 0]}, 0.4),
        ([0.2, nan], {"preference": [1, 0]}, 0.4),
        ([0.2, inf], {"preference": [1, 0]}, 0.4),
        ([0.2, 0.5], {"preference": [1, 0], "ideal": 1.0}, -1.6),
        ([0.2, nan], {}, nan),
        ([0.2, inf], {}, inf),
        ([4.0], {"preference": [0.1]}, 4.0),
        ([1, 2], {"preference": [1e308, 1e308]}, 2.0),
    ],
)
def test_weighted_losses_by_hand(losses, options, expected):
    value = maximum_weighted_loss(losses, **options)
    assert isinstance(value, float)
    assert value == pytest.approx(expected, nan_ok=True)
    both = maximum_weighted_loss([losses, losses], **options)
    np.testing.assert_array_equal(both, [value, value])


def test_least_where_weighted_losses_are_equal():
    x = np.linspace(0.01, 0.99, 981)
    front = np.column_stack([x, 1 - x])
    for p in ([1, 1], [1, 3], [9, 1]):
        best = front[np.argmin(maximum_weighted_loss(front, p))]
        # p_1 x = p_2 (1 - x)
        np.testing.assert_allclose(best[0], p[1] / (p[0] + p[1]), atol=1e-3)


def test_weighted_loss_properties():
    rng = np.random.default_rng(0)
    losses, p, z = (
        rng.exponential(size=(30, 4)),
        rng.uniform(size=4),
        rng.normal(size=4),
    )
    values = maximum_weighted_loss(losses, p, ideal=z)
    assert values.shape == (30,)
    np.testing.assert_allclose(values, maximum_weighted_loss(losses - z, 7 * p))
    order = [2, 0, 3, 1]
    turned = maximum_weighted_loss(losses[:, order], p[order], ideal=z[order])
    np.testing.assert_allclose(turned, values)
    higher = losses + np.array([0.1, 0, 0, 0])
    assert (maximum_weighted_loss(higher, p, ideal=z) >= values).all()
    assert maximum_weighted_loss(np.empty((0, 4)), p).shape == (0,)


@pytest.mark.parametrize(
    ("losses", "options", "message"),
    [
        (1.0, {}, r"losses must have shape .* Got the shape \(\)"),
        ([], {}, r"at least one objective. Got the shape \(0,\)"),
        ([[[1.0]]], {}, r"losses must have .* \(1, 1, 1\)"),
        ([1, 2], {"preference": [1]}, r"hold 2 importances.* Got \[1\]"),
        ([1, 2], {"preference": 1}, "hold 2 importances.* Got 1"),
        ([1, 2], {"preference": [0, 0]}, r"not all 0. Got \[0, 0\]"),
        ([1, 2], {"preference": [2, -1]}, r"at least 0 .*\[2, -1\]"),
        ([1, 2], {"preference": [1, nan]}, r"finite.* Got \[1, nan\]"),
        ([1, 2], {"preference": [1, inf]}, r"finite.* Got \[1, inf\]"),
        ([1, 2], {"ideal": [1]}, r"ideal must be .*shape \(2,\). Got \[1\]"),
        ([1, 2], {"ideal": nan}, "ideal must be a finite number .*Got nan"),
    ],
)
def test_bad_losses(losses, options, message):
    with pytest.raises(ValueError, match=message):
        maximum_weighted_loss(losses, **options)

"""Pictures of Pareto fronts in parallel coordinates."""

import numpy as np
import pytest

from skmo.inspection import ParetoFrontDisplay


def test_parallel_coordinates_by_hand(axes):
    scores = [[1.0, 10.0, 0.5], [3.0, 30.0, 0.5]]
    drawn = ParetoFrontDisplay(
        scores,
        dominated=[[2.0, 50.0, 0.5]],
        selected=1,
        bounds=[2.0, 20.0, np.nan],
        greater_is_better=[True, False, True],
    ).plot(axes, kind="parallel")
    lines = [line.get_ydata().tolist() for line in drawn.lines_]
    assert lines == [[0.0, 1.0, 0.5], [1.0, 0.5, 0.5]]
    widths = [line.get_linewidth() for line in drawn.lines_]
    assert widths[1] > 2 * widths[0]
    # The first misses the first bound, the second the second.
    assert all(line.is_dashed() for line in drawn.lines_)
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["1.0", "3.0", "50", "10", "0.475", "0.525"]
    # A wider range of another front moves the lines and their ends.
    other = ParetoFrontDisplay(
        [[5.0, 10.0, 0.5]], greater_is_better=[True, False, True]
    ).plot(axes, kind="parallel")
    assert drawn.lines_[1].get_ydata().tolist() == [0.5, 0.5, 0.5]
    assert other.lines_[0].get_ydata().tolist() == [1.0, 1.0, 0.5]
    assert axes.texts[1].get_text() == "5.0"


@pytest.mark.parametrize(
    ("value", "other", "expected"),
    [
        (0.91234, 0.90001, "0.912"),
        (-0.5, 0.5, "−0.5"),
        (12.3, 45.6, "12"),
        (2e6, 1e6, "2e+06"),
        (1.0, 1.0 + 1e-9, "1"),
    ],
)
def test_numbers_at_the_ends(value, other, expected):
    from skmo.inspection._pareto_parallel import number

    assert number(value, other) == expected

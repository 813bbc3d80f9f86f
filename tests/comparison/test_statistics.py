"""The interval over folds, by hand and by simulation of its source."""

import numpy as np
import pytest

from skmo.comparison._statistics import (
    Interval,
    change_in_words,
    corrected_interval,
)


def test_interval_by_hand():
    # Differences 1, 2, 3: mean 2, variance 1; J = 3 and a third as many test rows:
    # variance of the mean 1/3 + 1/3; t of 2 degrees at 97.5 % is 4.302653.
    interval = corrected_interval(np.array([1.0, 2.0, 3.0]), 1 / 3, 0.95)
    assert interval.standard_error == pytest.approx(np.sqrt(2 / 3))
    assert interval.lower == pytest.approx(2 - 4.302653 * np.sqrt(2 / 3), abs=1e-5)
    assert interval.upper == pytest.approx(2 + 4.302653 * np.sqrt(2 / 3), abs=1e-5)
    # Without a share it is the plain t interval.
    plain = corrected_interval(np.array([1.0, 2.0, 3.0]), 0.0, 0.95)
    assert plain.standard_error == pytest.approx(1 / np.sqrt(3))


def test_folds_without_a_score_are_left_out():
    some = corrected_interval(np.array([1.0, np.nan, 2.0, 3.0]), 1 / 3, 0.9)
    assert some == corrected_interval(np.array([1.0, 2.0, 3.0]), 1 / 3, 0.9)
    assert corrected_interval(np.array([1.0, np.nan]), 1 / 3, 0.9) is None


def test_the_correction_covers_where_the_plain_interval_does_not():
    # The means of two noises over random splits of the same 60 rows: the test parts
    # overlap little, the training parts much, and only the correction knows.
    rng = np.random.default_rng(0)
    covered = {0.0: 0, 1 / 4: 0}
    for _ in range(300):
        noise = rng.normal(size=60)
        shares = []
        for _ in range(10):
            order = rng.permutation(60)
            # A model's mistake is its training mean; its score, on the test part.
            shares.append(noise[order[:48]].mean() + noise[order[48:]].mean())
        for share in covered:
            interval = corrected_interval(np.array(shares), share, 0.95)
            covered[share] += interval.lower <= 0 <= interval.upper
    assert covered[0.0] < 0.8 * 300
    assert covered[1 / 4] > covered[0.0]


@pytest.mark.parametrize(
    ("difference", "ends", "word"),
    [
        (0.01, None, "rose"),
        (-0.01, None, "fell"),
        (0.002, None, "unchanged"),
        (np.nan, None, "not scored"),
        (0.01, (0.001, 0.019), "rose"),
        (0.01, (-0.001, 0.021), "no clear change"),
        (-0.01, (-0.019, -0.001), "fell"),
        # Clear of 0, but within the tolerance.
        (0.001, (0.0005, 0.0015), "unchanged"),
        (0.0015, (0.0005, 0.0025), "no clear change"),
    ],
)
def test_change_in_words(difference, ends, word):
    interval = None if ends is None else Interval(0.001, *ends)
    assert change_in_words(difference, interval, 0.002) == word

"""The generator of a screen: its compounds, its means, its assays, its seed."""

from __future__ import annotations

import re
from math import log, sqrt

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit, logit
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GroupKFold, KFold, cross_val_score

from skmo import MultiObjectiveRegressor
from skmo.datasets import DRUG_SCREEN_ENDPOINTS, make_drug_screen
from skmo.datasets._drug_screen import _EFFECTS, _LEVELS

NAMES = ["solubility", "permeability", "clearance", "herg", "toxicity"]


def with_truth(n_samples=20_000, **parameters):
    settings = {"random_state": 0, "return_truth": True}
    return make_drug_screen(n_samples, **{**settings, **parameters})


def additive(X):
    """The columns that a property is linear in, of the Notes."""
    rings = X[:, :16]
    pairs = [rings[:, i] * rings[:, j] for i in range(16) for j in range(i)]
    return np.column_stack([rings, *pairs, np.sqrt(X[:, 16:48])])


def test_features_are_fragments():
    X, _, scaffold = make_drug_screen(20_000, random_state=0)
    assert X.shape == (20_000, 16 + 32 + 32)
    assert X.dtype == np.float64
    rings, groups, bits = X[:, :16], X[:, 16:48], X[:, 48:]
    assert set(np.unique(rings)) == set(np.unique(bits)) == {0, 1}
    assert_array_equal(rings.sum(axis=1), 3)
    assert_array_equal(groups, groups.astype(int))
    assert groups.min() == 0
    # Poisson of mean 4 whatever the scaffold, as the sum of Poissons.
    total = groups.sum(axis=1)
    assert abs(total.mean() - 4) < 4.5 * 2 / sqrt(len(X))
    assert abs(total.var() - 4) < 0.2
    for s in range(5):
        rows = scaffold == s
        assert abs(total[rows].mean() - 4) < 4.5 * 2 / sqrt(rows.sum())
    assert np.abs(bits.mean(axis=0) - 0.1).max() < 4.5 * 0.3 / sqrt(len(X))


def test_scaffolds_are_series_with_a_core_of_their_own():
    X, _, scaffold = make_drug_screen(20_000, random_state=0)
    assert np.issubdtype(scaffold.dtype, np.integer)
    assert_array_equal(np.unique(scaffold), np.arange(60))
    cores = {s: np.unique(X[scaffold == s, :16], axis=0) for s in range(60)}
    assert {len(found) for found in cores.values()} == {1}
    assert len({found.tobytes() for found in cores.values()}) == 60
    # By the inverse square root of the rank.
    chance = 1 / np.sqrt(np.arange(1, 61))
    chance /= chance.sum()
    share = np.bincount(scaffold) / len(scaffold)
    assert (np.abs(share - chance) < 4.5 * np.sqrt(chance / len(scaffold))).all()
    # A series attaches few groups often. Of a Dirichlet distribution's squares the
    # mean sum is (0.3 + 1) / (32 * 0.3 + 1), that of all the same is 0.03.
    groups = X[:, 16:48]
    rates = [groups[scaffold == s].mean(axis=0) / 4 for s in range(60)]
    squares = (np.array(rates) ** 2).sum(axis=1)
    assert abs(squares.mean() - 1.3 / 10.6) < 0.03


def test_all_scaffolds_there_are():
    X, _, scaffold = make_drug_screen(3000, n_scaffolds=560, random_state=0)
    known = {tuple(row) for row in np.column_stack([scaffold, X[:, :16]])}
    assert len(known) == len(np.unique(scaffold)) > 500
    assert len({core[1:] for core in known}) == len(known)


def test_scores_of_the_endpoints_are_functions_of_the_fragments():
    """Taken out of the truth, they are what the Notes say, and nothing else."""
    X, *_, truth = with_truth(n_scaffolds=400)
    scores = truth.copy()
    scores[:, 2] = np.log(truth[:, 2])
    scores[:, 3:] = logit(truth[:, 3:])
    linear = [0, 2, 3, 4]
    columns = additive(X)
    fitted = LinearRegression().fit(columns, scores)
    left = scores - fitted.predict(columns)
    assert_allclose(left[:, linear], 0, atol=1e-8)
    # Permeability bends.
    assert np.abs(left[:, 1]).max() > 0.1
    # Pairs of rings are a part of all of them.
    alone = np.column_stack([X[:, :16], columns[:, -32:]])
    rough = LinearRegression().fit(alone, scores)
    missing = (scores - rough.predict(alone)).var(axis=0) / scores.var(axis=0)
    assert (missing[linear] > 0.1).all()
    # Bits tell nothing.
    both = LinearRegression().fit(np.column_stack([columns, X[:, 48:]]), scores)
    assert_allclose(both.coef_[linear, -32:], 0, atol=1e-8)


def test_numbers_of_the_notes():
    expected = {
        "solubility": (-4, -0.9, 0.5, 0, -0.3, 0.3),
        "permeability": (-5, 0.3, -0.4, 0, -0.2, 0.2),
        "clearance": (log(10), 0.5, -0.3, 0.2, 0, 0.3),
        "herg": (-1, 1, -0.5, 1.2, 0, 0.5),
        "toxicity": (-1, 1, 0, 0.5, 0.8, 0.5),
    }
    assert list(expected) == NAMES == list(DRUG_SCREEN_ENDPOINTS)
    for level, effects, numbers in zip(
        _LEVELS, _EFFECTS, expected.values(), strict=True
    ):
        assert_allclose([level, *effects], numbers)


def test_levels_spreads_and_likeness_of_the_endpoints():
    # Properties have mean 0 and variance 1 over the sample, and are independent
    # draws: of an average over draws the squares of the effects are the variance.
    spreads, likeness = [], []
    for seed in range(40):
        *_, truth = with_truth(500, n_scaffolds=300, random_state=seed)
        scores = np.column_stack(
            [truth[:, :2], np.log(truth[:, 2]), logit(truth[:, 3:])]
        )
        # The parabola takes a fifth of the lipophilicity's variance, which is 1.
        levels = [-4, -5.2, log(10), -1, -1]
        assert_allclose(scores.mean(axis=0), levels, atol=1e-9)
        spreads.append(scores.var(axis=0))
        likeness.append(np.corrcoef(scores.T)[0, 3])
    expected = (_EFFECTS**2).sum(axis=1)
    found = np.mean(spreads, axis=0)
    assert_allclose(np.delete(found, 1), np.delete(expected, 1), rtol=0.15)
    # The square adds, of a normal property, twice the square of 0.2.
    assert expected[1] < found[1] < expected[1] + 0.16
    # Solubility and hERG share lipophilicity and polarity, with opposite signs.
    shared = _EFFECTS[0, :4] @ _EFFECTS[3, :4]
    assert abs(np.mean(likeness) - shared / sqrt(expected[0] * expected[3])) < 0.15


def test_truth_is_the_conditional_mean():
    # In bins of the predicted mean the average outcome agrees within 4.5 standard
    # errors: for 50 bins, false alarms are rarer than 1 in 2500 seeds.
    _, Y, _, truth = with_truth(40_000, pass_rate=1)
    assert np.isfinite(Y).all()
    for y, mean in zip(Y.T, truth.T, strict=True):
        for rows in np.array_split(np.argsort(mean), 10):
            residual = y[rows] - mean[rows]
            error = residual.std() / sqrt(len(rows))
            assert abs(residual.mean()) < 4.5 * error


def test_truth_is_the_conditional_mean_among_the_measured():
    _, Y, _, truth = with_truth(60_000, exceptions=0.02)
    for y, mean in zip(Y.T, truth.T, strict=True):
        known = np.flatnonzero(~np.isnan(y))
        for rows in np.array_split(known[np.argsort(mean[known])], 6):
            residual = y[rows] - mean[rows]
            error = residual.std() / sqrt(len(rows))
            assert abs(residual.mean()) < 4.5 * error


def test_noise_has_the_kind_and_the_size_documented():
    _, Y, _, truth = with_truth(40_000, pass_rate=1)
    # A standard deviation of 40 000 normal draws has a standard error of 0.4 %.
    left = Y[:, :2] - truth[:, :2]
    assert_allclose(left.std(axis=0), [0.5, 0.3], rtol=0.02)
    # Gamma of shape 4 and mean 1.
    ratio = Y[:, 2] / truth[:, 2]
    assert (Y[:, 2] > 0).all()
    assert abs(ratio.mean() - 1) < 4.5 * 0.5 / sqrt(len(Y))
    assert abs(ratio.var() - 0.25) < 0.02
    assert abs(((ratio - 1) ** 3).mean() / ratio.var() ** 1.5 - 1) < 0.15
    assert set(np.unique(Y[:, 3:])) == {0, 1}
    pulls = [*left.T, ratio, *(Y[:, 3:] - truth[:, 3:]).T]
    correlation = np.corrcoef(pulls)[np.triu_indices(5, 1)]
    assert np.abs(correlation).max() < 4.5 / sqrt(len(Y))


@pytest.mark.parametrize("pass_rate", [0.2, 0.5, 0.9])
def test_assays_without_exceptions_take_those_that_passed(pass_rate):
    _, Y, _ = make_drug_screen(4000, pass_rate=pass_rate, exceptions=0, random_state=0)
    _, full, _ = make_drug_screen(4000, pass_rate=1, random_state=0)
    measured = ~np.isnan(Y)
    assert_array_equal(Y[measured], full[measured])
    # By hand: the best of each assay, without ties, in the order of the assays.
    rows = np.arange(4000)
    for k, best_first in enumerate((-full[:, 0], -full[:, 1], full[:, 2])):
        assert_array_equal(np.flatnonzero(measured[:, k]), np.sort(rows))
        order = rows[np.argsort(best_first[rows])]
        n_passed = len(rows) - int(np.ceil((1 - pass_rate) * (len(rows) - 1) - 1e-9))
        if k == 2:
            n_passed = int(np.floor(pass_rate * (len(rows) - 1) + 1e-9)) + 1
        rows = order[:n_passed]
    assert_array_equal(np.flatnonzero(measured[:, 3]), np.sort(rows))
    assert_array_equal(measured[:, 3], measured[:, 4])
    shares = measured.mean(axis=0)
    assert_allclose(shares[:4], pass_rate ** np.arange(4), atol=0.001)


@pytest.mark.parametrize("exceptions", [0.05, 0.4, 1.0])
def test_exceptions_are_drawn_among_those_not_due(exceptions):
    _, Y, _, truth = with_truth(exceptions=exceptions)
    measured = ~np.isnan(Y)
    assert measured[:, 0].all()
    assert_array_equal(measured[:, 3], measured[:, 4])
    for k, sign in enumerate((1, 1, -1)):
        known = measured[:, k]
        result = sign * np.where(known, Y[:, k], np.nan)
        least = np.nanquantile(result, 0.5)
        due = known & (np.nan_to_num(result, nan=-np.inf) >= least)
        assert measured[due, k + 1].all()
        others = measured[~due, k + 1]
        error = 4.5 * sqrt(exceptions * (1 - exceptions) / len(others))
        assert abs(others.mean() - exceptions) <= error
        # Whatever they are, also those that the assays before did not see.
        worse = ~due & (truth[:, k + 1] > np.median(truth[~due, k + 1]))
        assert abs(measured[worse, k + 1].mean() - exceptions) <= 1.5 * error
    if exceptions == 1:
        assert measured.all()


def test_measured_compounds_are_others_than_the_typical():
    _, Y, _, truth = with_truth(exceptions=0)
    # Soluble compounds are less lipophilic, and so block the channel less.
    tested = ~np.isnan(Y[:, 3])
    assert truth[tested, 3].mean() < truth[:, 3].mean() - 0.05
    assert truth[tested, 0].mean() > truth[:, 0].mean() + 0.5


def test_an_unseen_series_is_harder_than_a_new_compound_of_a_known_one():
    X, Y, scaffold, _ = with_truth(1000, pass_rate=1)
    model = MultiObjectiveRegressor(
        n_estimators=60, num_leaves=15, heads="none", n_jobs=1, random_state=0
    )
    known, unseen = (
        cross_val_score(model, X, Y[:, 0], cv=splitter, groups=groups).mean()
        for splitter, groups in ((KFold(5), None), (GroupKFold(5), scaffold))
    )
    assert 0.2 < unseen < known - 0.1


@pytest.mark.parametrize(
    "changed", [{"pass_rate": 0.8}, {"exceptions": 0.5}, {"n_noise_features": 1}]
)
def test_what_a_parameter_leaves_as_it_is(changed):
    X, Y, scaffold, truth = with_truth(300)
    others = with_truth(300, **changed)
    assert_array_equal(X[:, :49], others[0][:, :49])
    assert_array_equal(scaffold, others[2])
    assert_array_equal(truth, others[3])
    both = ~np.isnan(Y) & ~np.isnan(others[1])
    assert both.mean() > 0.4
    assert_array_equal(Y[both], others[1][both])
    if "n_noise_features" in changed:
        assert_array_equal(Y, others[1])
    else:
        assert np.isnan(others[1]).sum() < np.isnan(Y).sum()


def test_same_seed_same_data_and_numpy_global_state_untouched():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again = (with_truth(50, random_state=3) for _ in range(2))
    instance = with_truth(50, random_state=np.random.RandomState(3))
    other = with_truth(50, random_state=4)
    without_truth = make_drug_screen(50, random_state=3)
    assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    assert (len(instance), len(without_truth)) == (4, 3)
    for same in (again, instance, without_truth):
        for a, b in zip(first[: len(same)], same, strict=True):
            assert_array_equal(a, b)
    for a, b in zip(first, other, strict=True):
        assert not np.array_equal(a, b, equal_nan=True)


def test_a_generator_that_is_shared_goes_on():
    rng = np.random.RandomState(0)
    first, second = (make_drug_screen(50, random_state=rng)[0] for _ in "ab")
    assert not np.array_equal(first, second)


def test_frames_hold_the_same_numbers():
    pytest.importorskip("pandas", reason="frames need pandas")
    arrays = with_truth(30, n_noise_features=2)
    frames = with_truth(30, n_noise_features=2, as_frame=True)
    X, Y, scaffold, truth = frames
    features = [*(f"ring{j}" for j in range(16)), *(f"group{j}" for j in range(32))]
    assert list(X.columns) == [*features, "bit0", "bit1"]
    assert list(Y.columns) == list(truth.columns) == NAMES
    assert scaffold.name == "scaffold"
    for frame, array in zip(frames, arrays, strict=True):
        assert_array_equal(frame, array)
    assert len(make_drug_screen(5, as_frame=True, random_state=0)) == 3


@pytest.mark.parametrize("n_samples", [1, 2, 3])
@pytest.mark.parametrize("pass_rate", [1e-9, 0.5, 1])
def test_tiny(n_samples, pass_rate):
    with np.errstate(all="raise", under="ignore"):
        X, Y, scaffold, truth = with_truth(
            n_samples, n_scaffolds=1, pass_rate=pass_rate, n_noise_features=0
        )
    assert X.shape == (n_samples, 48)
    assert Y.shape == truth.shape == (n_samples, 5)
    assert_array_equal(scaffold, 0)
    assert np.isfinite(truth).all()
    # The best compound passes each assay.
    assert (~np.isnan(Y)).any(axis=0).all()
    if n_samples == 1:
        # Every property is 0.
        expected = [-4, -5, 10, expit(-1), expit(-1)]
        assert_allclose(truth[0], expected)


@pytest.mark.parametrize(
    ("name", "bad", "words"),
    [
        ("n_samples", 0, "[1, inf)"),
        ("n_samples", 10.5, "[1, inf)"),
        ("n_scaffolds", 0, "[1, 560]"),
        ("n_scaffolds", 561, "[1, 560]"),
        ("n_scaffolds", None, "[1, 560]"),
        ("n_noise_features", -1, "[0, inf)"),
        ("pass_rate", 0.0, "(0, 1]"),
        ("pass_rate", 1.1, "(0, 1]"),
        ("pass_rate", float("nan"), "(0, 1]"),
        ("pass_rate", "half", "(0, 1]"),
        ("exceptions", -0.1, "[0, 1]"),
        ("exceptions", 1.1, "[0, 1]"),
        ("exceptions", None, "[0, 1]"),
    ],
)
def test_bad_parameters(name, bad, words):
    start = re.escape(f"The {name!r} parameter of make_drug_screen must")
    with pytest.raises(ValueError, match=start) as error:
        make_drug_screen(**{name: bad})
    assert words in str(error.value)
    assert f"Got {bad!r} instead." in str(error.value)

"""Every balancer keeps its claims, over seeded samplers of Gramians."""

import importlib
import json
import pickle
from functools import cache
from itertools import cycle
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone

from skmo.balancing import (
    CRMOGM,
    GLS,
    ExcessMTL,
    Fixed,
    GradNormalised,
    PCGrad,
    RegularisedMinNorm,
    UPGrad,
)
from tests.balancing.cases import PROPERTIES

CASES = {
    case.cls.__name__: case
    for path in sorted(Path(__file__).parent.glob("cases_*.py"))
    for case in importlib.import_module(f"tests.balancing.{path.stem}").CASES
}
every = pytest.mark.parametrize("name", CASES)


def claiming(claim):
    names = [name for name, case in CASES.items() if claim in case.properties]
    return pytest.mark.parametrize("name", names)


def gradients(kind, n_objectives, rng):
    """Rows of gradients, (n_objectives, 30)."""
    common, noise = rng.normal(size=30), rng.normal(size=(n_objectives, 30))
    if kind == "independent":
        return noise
    if kind == "aligned":
        return 5 * common + noise
    if kind == "conflicting":
        # Every other one is opposed to the rest, not exactly.
        signs = np.where(np.arange(n_objectives) % 2, -1.0, 1.0)
        return 2 * signs[:, None] * common + noise
    if kind == "unequal":
        return noise * np.logspace(-2, 2, n_objectives)[:, None]
    assert kind == "weak"
    return 0.05 * common + noise


KINDS = ["independent", "aligned", "conflicting", "unequal", "weak"]


def moving(kind, n_objectives, n_calls, rng):
    """Gradients call after call, (n_calls, n_objectives, 30), as training moves them.

    Those of ``KINDS`` are drawn anew for every call.
    """
    if kind in KINDS:
        return np.array([gradients(kind, n_objectives, rng) for _ in range(n_calls)])
    time = np.linspace(0, 1, n_calls)[:, None, None]
    here, there = rng.normal(size=(2, n_objectives, 30))
    if kind == "rotating":
        # In planes of their own, by up to one turn.
        angle = 2 * np.pi * rng.uniform(size=(n_objectives, 1)) * time
        return np.cos(angle) * here + np.sin(angle) * there
    if kind == "shrinking":
        # To lengths of 1e-6 to 1 of the first.
        orders = rng.permutation(np.linspace(0, 6, n_objectives))[:, None]
        return 10.0 ** (-orders * time) * (here + 0.1 * there * time)
    if kind == "opposing":
        # From aligned to opposed, every other one against the rest.
        turned = np.where(np.arange(n_objectives) % 2, 1.0, 0.0)[:, None]
        return 3 * (1 - 2 * turned * time) * rng.normal(size=30) + here
    assert kind == "drifting"
    mean = here + time * (there - here)
    return mean + 1.5 * rng.normal(size=(n_calls, n_objectives, 30))


MOVING = [*KINDS, "rotating", "shrinking", "opposing", "drifting"]
N_CALLS = 5
SAMPLES = [(kind, K, seed) for kind in MOVING for K in (2, 3, 7) for seed in range(2)]


@cache
def drawn(kind, n_objectives, seed):
    """A Gramian and losses for every call of one balancer."""
    rng = np.random.default_rng([MOVING.index(kind), n_objectives, seed])
    G = moving(kind, n_objectives, N_CALLS, rng)
    gramians = G @ G.swapaxes(1, 2)
    # Losses wander, and fall to 0 with their gradients.
    losses = rng.uniform(0.2, 2.0, n_objectives) * np.exp(
        rng.normal(scale=0.5, size=(N_CALLS, n_objectives)).cumsum(axis=0)
    )
    if kind == "shrinking":
        losses *= np.linalg.norm(G, axis=2)
    return list(zip(gramians, losses, strict=True))


def bounded(name, n_objectives):
    """The bounds that samplers' calls of a case are made with, as a keyword."""
    case = CASES.get(name)
    if case is None or case.bounds is None:
        return {}
    return {"bounds": np.array(case.bounds(n_objectives))}


def samples():
    """Calls for one balancer, one after another, and a generator."""
    for sample in SAMPLES:
        yield drawn(*sample), np.random.default_rng([1, *sample[1:]])


@every
def test_claims_are_known_and_agree_with_the_class(name):
    case = CASES[name]
    assert case.properties <= PROPERTIES
    assert case.cls.__name__ == name
    balancer = case.balancer(3)
    if "random_state" in balancer.get_params():
        assert case.random
    if "convex" in case.properties:
        assert balancer.nonnegative


@every
def test_worked_values(name):
    values = CASES[name].values
    for value in values:
        balancer = CASES[name].cls(**value.params)
        assert len(value.calls) == len(value.expected)
        for call, expected in zip(value.calls, value.expected, strict=True):
            found = balancer.weights(**call)
            assert_allclose(
                found, expected, rtol=value.rtol, atol=1e-9, err_msg=value.why
            )
    assert any(len(np.ravel(value.expected[0])) > 1 for value in values)


def degenerate(n_objectives):
    """Rows of gradients, mostly of lengths about 1, by what is wrong with them."""
    rng = np.random.default_rng(n_objectives)
    G = rng.normal(size=(n_objectives, 20))
    signs = np.where(np.arange(n_objectives) % 2, -1.0, 1.0)
    lengths = rng.uniform(0.2, 2.0, n_objectives)
    with_zero, duplicated, opposed = G.copy(), G.copy(), G.copy()
    with_zero[0] = 0.0
    duplicated[-1] = G[0]
    opposed[-1] = -2 * G[0] if n_objectives > 1 else G[0]
    spread = np.logspace(-15, 15, n_objectives) if n_objectives > 1 else np.ones(1)
    return {
        "nothing": G,
        "all zero": 0 * G,
        "one zero": with_zero,
        "all the same": np.repeat(G[:1], n_objectives, axis=0),
        "one twice": duplicated,
        "two opposed": opposed,
        "all on a line of one length": np.outer(signs, G[0]),
        "all on a line": np.outer(signs * lengths, G[0]),
        "all on a half-line": np.outer(lengths, G[0]),
        # Entries of 1e-60 to 1e60 with the extreme exponents.
        "mixed scales": spread[:, None] * G,
    }


@every
@pytest.mark.parametrize("exponent", [-30, 0, 30])
@pytest.mark.parametrize("n_objectives", [1, 2, 6])
def test_weights_are_finite_for_every_gramian(name, n_objectives, exponent):
    """All of them in all sizes, entries of 1e-30 to 1e30."""
    rng = np.random.default_rng(n_objectives)
    losses = rng.uniform(size=n_objectives)
    unit = 10.0 ** (exponent / 2)
    for wrong, rows in degenerate(n_objectives).items():
        gramian = (rows * unit) @ (rows * unit).T
        for values in (losses, 0 * losses, 10.0**exponent * losses):
            balancer = CASES[name].balancer(n_objectives)
            for _ in range(3):
                w = balancer.weights(gramian, values, **bounded(name, n_objectives))
                assert w.shape == (n_objectives,)
                assert w.dtype == np.float64
                assert np.isfinite(w).all(), wrong
                if balancer.nonnegative:
                    assert (w >= 0).all(), wrong
                if n_objectives == 1:
                    assert w > 0, wrong


@every
def test_a_gramian_of_float32_sums_may_be_slightly_indefinite(name):
    rng = np.random.default_rng(0)
    g = rng.normal(size=(1, 1000)).astype(np.float32)
    G = (np.repeat(g, 4, axis=0) * (1 + 1e-3 * rng.normal(size=(4, 1)))).astype("f4")
    gramian = (G @ G.T).astype(float) + 1e-4 * np.diag(rng.normal(size=4))
    assert np.isfinite(CASES[name].balancer(4).weights(gramian, np.ones(4))).all()


@claiming("convex")
def test_convex(name):
    for calls, rng in samples():
        balancer = CASES[name].balancer(len(calls[0][1]))
        balancer.seed(int(rng.integers(100)))
        for call in calls:
            w = balancer.weights(*call)
            assert (w >= 0).all()
            assert_allclose(w.sum(), 1.0, rtol=1e-9)


@claiming("non_conflicting")
def test_non_conflicting(name):
    """At every call, whatever the earlier ones were."""
    for calls, _ in samples():
        balancer = CASES[name].balancer(len(calls[0][1]))
        for gramian, losses in calls:
            w = balancer.weights(gramian, losses)
            scale = np.sqrt(np.diag(gramian)) * np.sqrt(w @ gramian @ w)
            assert (gramian @ w >= -1e-7 * scale).all()


@claiming("permutation")
def test_permutation(name):
    for calls, rng in samples():
        order = rng.permutation(len(calls[0][1]))
        a, b = (CASES[name].balancer(len(order)) for _ in range(2))
        bounds = bounded(name, len(order))
        moved = {key: value[order] for key, value in bounds.items()}
        for gramian, losses in calls:
            w = a.weights(gramian, losses, **bounds)
            permuted = b.weights(gramian[np.ix_(order, order)], losses[order], **moved)
            assert_allclose(permuted, w[order], rtol=1e-5, atol=1e-7 * np.abs(w).max())


@claiming("unit_free")
def test_unit_free(name):
    for calls, rng in samples():
        unit = 10.0 ** rng.uniform(-2, 2, len(calls[0][1]))
        a, b = (CASES[name].balancer(len(unit)) for _ in range(2))
        for gramian, losses in calls:
            lengths = np.sqrt(np.diag(gramian))
            # What each objective is of the combined gradient.
            parts = lengths * a.weights(gramian, losses)
            scaled = unit[:, None] * gramian * unit
            found = unit * lengths * b.weights(scaled, unit * losses)
            assert_allclose(
                found / np.linalg.norm(found), parts / np.linalg.norm(parts), atol=1e-5
            )


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if case.scale_power is not None]
)
def test_scale_of_the_gramian(name):
    case = CASES[name]
    factors = cycle([1e-12, 1e-3, 1e6, 1e12])
    for (calls, rng), factor in zip(samples(), factors, strict=False):
        a, b = (case.balancer(len(calls[0][1])) for _ in range(2))
        seed = int(rng.integers(100))
        a.seed(seed)
        b.seed(seed)
        for gramian, losses in calls:
            w = a.weights(gramian, losses)
            found = b.weights(factor * gramian, losses) / factor**case.scale_power
            assert_allclose(
                found, w, rtol=1e-5, atol=1e-7 * np.abs(w).max(), err_msg=f"{factor}"
            )


@every
def test_memory(name):
    """Only stateful balancers remember; reset, clone and pickle are exact."""
    case = CASES[name]
    rng = np.random.default_rng(0)
    calls = []
    for _ in range(6):
        G = rng.normal(size=(4, 9))
        calls.append((G @ G.T, rng.uniform(0.1, 1.0, 4)))
    balancer = case.balancer(4)
    if case.random:
        balancer.seed(5)
    bounds = bounded(name, 4)
    first = [balancer.weights(*call, **bounds) for call in calls]
    again = balancer.weights(*calls[0], **bounds)
    changed = not np.array_equal(again, first[0])
    assert changed == (case.stateful or (case.random and not balancer.draws_labels))
    balancer.reset()
    copy = clone(balancer)
    middle = [balancer.weights(*call, **bounds) for call in calls[:3]]
    revived = pickle.loads(pickle.dumps(balancer))
    for found in (
        [copy.weights(*call, **bounds) for call in calls],
        [*middle, *(balancer.weights(*call, **bounds) for call in calls[3:])],
        [*middle, *(revived.weights(*call, **bounds) for call in calls[3:])],
    ):
        assert_allclose(found, first, rtol=0)
    params = {k: str(v) for k, v in balancer.get_params().items()}
    assert params == {k: str(v) for k, v in copy.get_params().items()}


@every
def test_objectives_that_stop(name):
    """After ``keep`` the others go on, and what is remembered fits them."""
    rng = np.random.default_rng(0)
    G = rng.normal(size=(4, 9))
    gramian, losses = G @ G.T, rng.uniform(0.1, 1.0, 4)
    balancer = CASES[name].balancer(4)
    kept = np.array([True, False, True, True])
    bounds = bounded(name, 4)
    balancer.keep(np.ones(4, bool))
    for _ in range(3):
        balancer.weights(gramian, losses, **bounds)
    balancer.keep(kept)
    bounds = {key: value[kept] for key, value in bounds.items()}
    for _ in range(3):
        w = balancer.weights(gramian[np.ix_(kept, kept)], losses[kept], **bounds)
        assert w.shape == (3,)
        assert np.isfinite(w).all()


@every
def test_another_number_of_objectives_is_an_error_or_no_matter(name):
    case = CASES[name]
    balancer = case.balancer(3)
    balancer.weights(np.eye(3), np.ones(3))
    if case.stateful:
        with pytest.raises(ValueError, match="reset"):
            balancer.weights(np.eye(2), np.ones(2))
    balancer.reset()


@every
@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"gramian": np.ones(3)}, r"shape \(n_objectives, n_objectives\).*\(3,\)"),
        ({"gramian": np.ones((2, 3))}, r"Got shape \(2, 3\)"),
        ({"gramian": np.ones((0, 0))}, "at least one objective"),
        ({"gramian": np.eye(3), "losses": np.ones(2)}, r"'losses' must have shape"),
        ({"gramian": np.eye(3), "losses": [1, -1, 1]}, "'losses' must be finite and"),
        ({"gramian": np.eye(3), "losses": [1, np.nan, 1]}, "'losses' must be finite"),
    ],
)
def test_bad_input(name, call, message):
    balancer = CASES[name].balancer(3)
    with pytest.raises(ValueError, match=message):
        balancer.weights(**call)


@every
def test_flags_say_what_is_read(name):
    """What is not needed changes nothing; what is needed is asked for."""
    balancer = CASES[name].balancer(3)
    gramian = np.array([[4.0, 1.0, 0.0], [1.0, 1.0, 0.5], [0.0, 0.5, 9.0]])
    losses = np.array([0.5, 1.0, 2.0])
    balancer.seed(0)
    w = balancer.weights(gramian, losses)
    balancer.reset()
    if balancer.needs_gramian:
        with pytest.raises(ValueError, match="Gramian must be finite"):
            balancer.weights(np.full((3, 3), np.nan), losses)
    else:
        assert_allclose(balancer.weights(np.full((3, 3), np.nan), losses), w)
    balancer.reset()
    if balancer.needs_losses:
        with pytest.raises(ValueError, match="pass 'losses'"):
            balancer.weights(gramian)
    else:
        assert_allclose(balancer.weights(gramian), w)
    balancer.reset()
    if balancer.takes_preference:
        for bad in ([0, 0, 0], [1, -1, 1], [1, np.inf, 1], [1, 1]):
            with pytest.raises(ValueError, match="preference"):
                balancer.weights(gramian, losses, preference=bad)
        equal = balancer.weights(gramian, losses, preference=[2, 2, 2])
        assert_allclose(equal, w, rtol=1e-6)
        balancer.reset()
        tilted = []
        for preference in ([1, 5, 2], [9, 1, 1]):  # one may leave a vertex as it is
            tilted.append(balancer.weights(gramian, losses, preference=preference))
            balancer.reset()
        assert not np.allclose(tilted, w)
    else:
        with pytest.raises(ValueError, match=f"{name} takes no preference"):
            balancer.weights(gramian, losses, preference=[1, 1, 1])


@every
def test_bounds_are_used_or_refused(name):
    balancer = CASES[name].balancer(3)
    gramian, losses = np.eye(3), np.array([0.5, 1.0, 2.0])
    balancer.seed(0)
    w = balancer.weights(gramian, losses)
    balancer.reset()
    assert_allclose(balancer.weights(gramian, losses, bounds=[np.inf] * 3), w, rtol=0)
    balancer.reset()
    for bad in ([1.0, np.inf], np.ones((3, 1)), [np.nan, 1, np.inf], [-1, 1, np.inf]):
        with pytest.raises(ValueError, match="'bounds' must hold 3 numbers"):
            balancer.weights(gramian, losses, bounds=bad)
    bounds = np.array([np.inf, np.inf, 0.5])
    assert balancer.takes_bounds == (CASES[name].bounds is not None)
    if balancer.takes_bounds:
        balancer.check_bounds(bounds)
        assert not np.allclose(balancer.weights(gramian, losses, bounds=bounds), w)
        return
    for call in (
        lambda: balancer.weights(gramian, losses, bounds=bounds),
        lambda: balancer.check_bounds(bounds),
    ):
        with pytest.raises(ValueError, match=rf"{name} takes no bounds.*0\.5\]"):
            call()
    balancer.check_bounds(None)
    balancer.check_bounds(np.full(3, np.inf))


@every
def test_the_criterion_compares_losses(name):
    """Equal losses are their own criterion; none may fall without it falling too."""
    rng = np.random.default_rng(0)
    for n_objectives in (1, 2, 5):
        balancer = CASES[name].balancer(n_objectives)
        assert balancer.criterion(np.full(n_objectives, 0.7)) == pytest.approx(0.7)
        assert isinstance(balancer.criterion(np.ones(n_objectives)), float)
        preferences = [{}]
        if balancer.takes_preference:
            preferences.append({"preference": rng.uniform(0.1, 3.0, n_objectives)})
        for preference in preferences:
            losses = rng.uniform(0.1, 1.0, n_objectives)
            found = balancer.criterion(losses, **preference)
            lower = losses * rng.uniform(0.5, 0.9, n_objectives)
            assert balancer.criterion(lower, **preference) < found
            lower = losses.copy()
            lower[rng.integers(n_objectives)] -= 0.1
            assert balancer.criterion(lower, **preference) <= found
            assert balancer.criterion(-losses, **preference) < 0
            losses[0] = np.inf
            assert balancer.criterion(losses, **preference) == np.inf


@every
def test_bad_input_of_the_criterion(name):
    balancer = CASES[name].balancer(3)
    for bad in ([], 1.0, np.ones((3, 1)), [1.0, np.nan, 1.0]):
        with pytest.raises(ValueError, match="'losses' must hold one number per"):
            balancer.criterion(bad)
    bad = [1.0, -1.0, 1.0] if balancer.takes_preference else [1.0, 1.0, 1.0]
    with pytest.raises(ValueError, match="preference"):
        balancer.criterion(np.ones(3), bad)


def agreeing():
    """Gramians without negative entries, of gradients of any length."""
    for kind, n_objectives, seed in SAMPLES:
        rng = np.random.default_rng(seed)
        G = np.abs(moving(kind, n_objectives, N_CALLS, rng))
        if seed == 1:
            # At right angles in the end.
            G[-1, 0, :15] = G[-1, 1, 15:] = 0.0
        if seed == 2:
            G[1:, 0] = 0.0
        yield G @ G.swapaxes(1, 2), rng


def of_unit_length():
    """Gramians with a diagonal of 1, at any angle to each other."""
    for kind, n_objectives, seed in SAMPLES:
        rng = np.random.default_rng(seed)
        G = moving(kind, n_objectives, N_CALLS, rng)
        gramians = G @ G.swapaxes(1, 2)
        lengths = np.sqrt(gramians.diagonal(axis1=1, axis2=2))
        cosines = gramians / lengths[:, :, None] / lengths[:, None, :]
        cosines[:, range(n_objectives), range(n_objectives)] = 1.0
        yield cosines, rng


def two_of_unit_length():
    """Two gradients of length 1, of the same direction to all but opposed."""
    ends = np.array([1.0, 0.5, 0.0, -0.5, -0.9, -0.999999])
    for seed in range(12):
        rng = np.random.default_rng(seed)
        cosines = rng.permutation(np.append(ends, rng.uniform(-1, 1, 4)))
        if seed == 0:
            cosines = np.abs(cosines)  # opposed to nothing at all
        yield np.eye(2) + cosines[:, None, None] * (1 - np.eye(2)), rng


# Where nothing that a balancer acts on occurs.
STILL = {
    "conflict": agreeing,
    "lengths": of_unit_length,
    "gradients": two_of_unit_length,
}
# Wrappers act on what the balancer in them does, or on more.
ACTING = {name: case.balancer for name, case in CASES.items()} | {
    "CRMOGM(UPGrad)": lambda n: CRMOGM(UPGrad()),
    "CRMOGM(PCGrad)": lambda n: CRMOGM(PCGrad()),
    "CRMOGM(ExcessMTL)": lambda n: CRMOGM(ExcessMTL()),
    "CRMOGM(GLS)": lambda n: CRMOGM(GLS()),
    "RegularisedMinNorm(UPGrad)": lambda n: RegularisedMinNorm(UPGrad()),
    "RegularisedMinNorm(GradNormalised)": lambda n: RegularisedMinNorm(
        GradNormalised()
    ),
    "RegularisedMinNorm(Fixed)": lambda n: RegularisedMinNorm(
        Fixed(values=np.arange(1.0, n + 1))
    ),
}


def shares(name, gramians, rng, **preference):
    """Of the weights' sum, call after call, with losses that change."""
    n_objectives = gramians.shape[1]
    balancer = ACTING[name](n_objectives)
    balancer.seed(0)
    for gramian in gramians:
        losses = rng.uniform(0.2, 2.0, n_objectives)
        w = balancer.weights(
            gramian, losses, **preference, **bounded(name, n_objectives)
        )
        yield w / w.sum()


@pytest.mark.parametrize("name", ACTING)
def test_weights_are_equal_without_what_is_acted_on(name):
    """Or the preference, for a balancer that compares it with nothing else."""
    balancer = ACTING[name](2)
    assert balancer.acts_on in {"all", *STILL}
    if balancer.acts_on == "all":
        return
    for gramians, rng in STILL[balancer.acts_on]():
        n_objectives = gramians.shape[1]
        for w in shares(name, gramians, rng):
            assert_allclose(w, np.full(n_objectives, 1 / n_objectives), rtol=1e-6)
        if balancer.takes_preference and balancer.acts_on != "gradients":
            p = rng.uniform(0.2, 2.0, n_objectives)
            for w in shares(name, gramians, rng, preference=p):
                assert_allclose(w, p / p.sum(), rtol=1e-6)


@pytest.mark.parametrize(
    "name", [name for name in CASES if name not in ("Equal", "LabelAggregation")]
)
def test_what_is_acted_on_is_not_less_than_that(name):
    """Weights do move where less than what is acted on occurs."""
    acts_on = CASES[name].balancer(2).acts_on
    others = set(STILL) - {acts_on}
    if acts_on != "all":
        # Conflict alone, or lengths alone, do as little to two of length 1.
        others -= {"gradients"}
    for other in others:
        assert any(
            np.ptp(w) > 1e-4
            for gramians, rng in STILL[other]()
            for w in shares(name, gramians, rng)
        ), other


# Figures of TorchJD 0.18.0 (MIT licence), not the truth: where a formula says
# otherwise, the case's ORACLE_EXCEPTIONS say why.
ORACLES = json.loads(
    Path(__file__).with_name("oracle_weights.json").read_text(encoding="utf-8")
)
EXCEPTIONS = {
    key: reason
    for path in sorted(Path(__file__).parent.glob("cases_*.py"))
    for key, reason in getattr(
        importlib.import_module(f"tests.balancing.{path.stem}"), "ORACLE_EXCEPTIONS", {}
    ).items()
}
COLUMNS = {
    column: make for case in CASES.values() for column, make in case.oracle.items()
}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("case", ORACLES["cases"], ids=lambda case: case["name"])
def test_weights_of_another_library(column, case):
    found = COLUMNS[column]().weights(case["gramian"])
    same = np.allclose(found, case["weights"][column], rtol=2e-3, atol=2e-4)
    # An exception that is none any more is as wrong as a missing one.
    assert same != ((column, case["name"]) in EXCEPTIONS), (
        found,
        case["weights"][column],
        EXCEPTIONS.get((column, case["name"])),
    )


def test_every_column_of_the_other_library_is_used():
    columns = {column for case in ORACLES["cases"] for column in case["weights"]}
    assert columns - {"sum"} == set(COLUMNS)  # the sum is n_objectives times the mean
    assert all(reason for reason in EXCEPTIONS.values())

"""The templates of the user guide keep the contracts and train models."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skmo import MultiObjectiveRegressor
from skmo.balancing import Balancer, check_balancer
from skmo.boosting.structure import StructureRule, StructureState
from skmo.objectives import Objective, SquaredError, check_objective

FOLDER = Path(__file__).parents[1] / "docs" / "user_guide" / "templates"
FAST = {"n_estimators": 30, "num_leaves": 7, "n_jobs": 1, "random_state": 0}


def template(name: str, base: type) -> type:
    """The one subclass of ``base`` that a template defines."""
    members = runpy.run_path(str(FOLDER / name)).values()
    (found,) = [
        member
        for member in members
        if isinstance(member, type) and issubclass(member, base) and member is not base
    ]
    return found


@pytest.fixture
def three():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    Y = np.column_stack([X[:, 0], -X[:, 0] + X[:, 1], X[:, 2]])
    return X, Y + 0.3 * rng.normal(size=Y.shape)


def test_every_template_is_in_the_guide():
    page = (FOLDER.parent / "extending.rst").read_text(encoding="utf-8")
    names = [path.name for path in sorted(FOLDER.glob("*.py"))]
    assert names == ["my_balancer.py", "my_objective.py", "my_structure.py"]
    assert all(f"literalinclude:: templates/{name}" in page for name in names)


def test_objective(three):
    Expectile = template("my_objective.py", Objective)
    for alpha in (0.1, 0.5, 0.9, np.float64(0.7)):
        check_objective(Expectile(alpha))
    with pytest.raises(ValueError, match="'alpha' parameter of Expectile"):
        Expectile(1.5).validate_params()
    # Of -1, 0 and 4 with alpha = 0.75: 3 (4 - c) = c + (c + 1) at c = 11 / 5.
    target = np.array([-1.0, 0.0, 4.0])
    assert_allclose(Expectile(0.75).init_score(target, None), [2.2])
    half = Expectile(0.5).loss(target, np.ones(3))
    assert_allclose(2 * half, SquaredError().loss(target, np.ones(3)))
    X, Y = three
    low, high = (
        MultiObjectiveRegressor(Expectile(alpha), **FAST).fit(X, Y).predict(X)
        for alpha in (0.1, 0.9)
    )
    assert (low < high).mean() > 0.95


def test_balancer(three):
    Laggards = template("my_balancer.py", Balancer)
    for balancer in (Laggards(), Laggards(power=0), Laggards(3.0, 0.0)):
        check_balancer(balancer, ["convex", "permutation", "scale"])
    with pytest.raises(ValueError, match="'power' must be at least 0"):
        Laggards(power=-1).validate_params()
    found = Laggards(memory=0.5)
    assert_allclose(found.weights(np.eye(2), [1.0, 1.0]), [0.5, 0.5])
    # Half of (1, 1) and half of (0, 1) is (1/2, 1).
    assert_allclose(found.weights(np.eye(2), [0.0, 1.0]), [1 / 3, 2 / 3])
    X, Y = three
    est = MultiObjectiveRegressor(balancer=Laggards(2.0), preference=[1, 1, 2], **FAST)
    est.fit(X, Y)
    assert_allclose(est.history_["weights"][0], [0.25, 0.25, 0.5])
    assert est.score(X, Y) > 0.5


def test_structure_rule(three):
    RandomPair = template("my_structure.py", StructureRule)
    state = StructureState(owner=np.array([0, 1, 1, 2]), weights=np.array([1, 0, 2]))
    draws = [RandomPair().direction(state, np.random.default_rng(k)) for k in range(20)]
    assert all(d.shape == (4,) and np.isfinite(d).all() for d in draws)
    assert_allclose(np.abs(draws), np.tile([1, 0, 0, 1], (20, 1)))
    assert {tuple(np.sign(d[[0, 3]])) for d in draws} == {
        (a, b) for a in (-1, 1) for b in (-1, 1)
    }
    X, Y = three
    assert (
        MultiObjectiveRegressor(structure=RandomPair(), **FAST).fit(X, Y).score(X, Y)
        > 0.5
    )

"""
An objective and a balancer of your own
=======================================

Running out of stock costs more than a shelf too full, and the more so the further off
one is. That is the LINEX loss of Varian: nearly exponential on one side, nearly linear
on the other. skmo does not have it; twenty lines do.
"""

# %%
# The loss
# --------
#
# For a demand :math:`y` and a stock :math:`f` it is
# :math:`e^{a (y - f)} - a (y - f) - 1`. Its best constant is known in closed form, and
# so is the best forecast of a normal demand: :math:`\mu + a \sigma^2 / 2`.

import numpy as np
from scipy.special import logsumexp

from skmo.objectives import Objective, check_objective


class Linex(Objective):
    """Varian, "A Bayesian approach to real estate assessment" (1975)."""

    # A shift of the target changes nothing, and a scaling only what `a` means.
    standardise = True
    loss_degree = 0

    def __init__(self, a=1.0):
        self.a = a

    def with_scale(self, scale, spread):
        return Linex(self.a * scale)

    def init_score(self, target, weight):
        weight = np.ones_like(target) if weight is None else weight
        centre = logsumexp(self.a * target, b=weight / weight.sum()) / self.a
        return np.array([centre])

    def loss(self, target, score):
        z = self._exponent(target, score)
        return np.expm1(z) - z

    def gradient_hessian(self, target, score, gradient, hessian):
        z = self._exponent(target, score)
        gradient[...] = -float(self.a) * np.expm1(z)
        hessian[...] = float(self.a) ** 2 * np.exp(z)

    def _exponent(self, target, score):
        # Beyond e**20 numbers are no longer of use.
        return np.clip(float(self.a) * (target - score), -20, 20)


# %%
# `skmo.objectives.check_objective` compares the gradient with the loss, looks for the
# best constant and tries what training will ask for. It says what is wrong, or nothing.

check_objective(Linex(a=1.5))

# %%
# The balancer
# ------------
#
# Two stocks are asked of the same trees: one for the mean, one for the cautious. This
# balancer gives the objective that has improved least the larger share of a tree.

from skmo.balancing import Balancer, check_balancer


class Laggards(Balancer):
    """Weights in proportion to the share of the loss that is left, to a power."""

    needs_losses = True

    def __init__(self, power=2.0):
        self.power = power

    def _weights(self, gramian, losses, preference):
        weights = losses**self.power
        total = weights.sum()
        return weights / total if total > 0 else np.full(len(losses), 1 / len(losses))


check_balancer(Laggards(), claims=["convex", "permutation", "scale"])

# %%
# Fit
# ---
#
# Demand is normal around a bend, and the second half of the range is the uncertain one.

from skmo import MultiObjectiveEstimator

rng = np.random.default_rng(0)
x = rng.uniform(0, 10, 4000)


def mean(x):
    return 20 + 4 * np.sin(x)


def deviation(x):
    return 0.8 + 2.2 / (1 + np.exp(-3 * (x - 5)))


demand = rng.normal(mean(x), deviation(x))
caution = 0.8
X, Y = x[:, None], np.column_stack([demand, demand])
train, validation = slice(0, 3000), slice(3000, None)
model = MultiObjectiveEstimator(
    objectives=["squared_error", Linex(a=caution)],
    balancer=Laggards(),
    n_estimators=300,
    learning_rate=0.05,
    num_leaves=8,
    min_child_samples=60,
    heads="none",
    random_state=0,
)
model.fit(X[train], Y[train], X_val=X[validation], y_val=Y[validation])
print("trees of each:", model.n_iter_)
print("deviance explained:", model.score_objectives(X[validation], Y[validation]))

# %%
# Look
# ----
#
# Where demand is uncertain the cautious stock stands clear of the mean, by as much as
# theory asks for (dashed). On the right, what the balancer did, until one objective had
# stopped and the other had the trees to itself.

import matplotlib.pyplot as plt

blue, orange = "#0072b2", "#d55e00"
figure, (loss, fit, shares) = plt.subplots(
    1, 3, figsize=(12, 4), width_ratios=[1, 1.9, 1], layout="constrained"
)
off = np.linspace(-3, 3, 201)
loss.plot(off, off**2 / 2, color=blue, lw=2, label="squared error")
loss.plot(
    off, Linex(caution).loss(off, np.zeros(201)), color=orange, lw=2, label="LINEX"
)
loss.set(xlabel="demand − stock", ylabel="loss")
loss.set_title("Two losses", fontsize=11)
loss.legend(frameon=False, loc="upper center")

grid = np.linspace(0, 10, 401)
forecast, stock = model.predict(grid[:, None]).T
best = mean(grid) + caution * deviation(grid) ** 2 / 2
fit.plot(x[:1000], demand[:1000], ".", color="0.75", markersize=3)
fit.plot(grid, mean(grid), "--", color=blue, lw=1.2)
fit.plot(grid, best, "--", color=orange, lw=1.2)
fit.plot(grid, forecast, color=blue, lw=2, label="squared error")
fit.plot(grid, stock, color=orange, lw=2, label="LINEX")
fit.set(xlabel="x", ylabel="demand, stock", xlim=(0, 10))
fit.set_title("Two stocks from the same trees; dashed: the best ones", fontsize=11)
fit.legend(frameon=False, loc="upper left")

weights = model.history_["weights"]
rounds = np.arange(1, len(weights) + 1)
shares.stackplot(rounds, weights.T, colors=[blue, orange], alpha=0.85)
shares.set(xlabel="round", ylabel="weight", xlim=(1, len(weights)), ylim=(0, 1))
shares.set_title("Whose tree is it?", fontsize=11)
for axis in (loss, fit, shares):
    axis.spines[["top", "right"]].set_visible(False)
plt.show()

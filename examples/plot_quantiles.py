"""
A fan of quantiles from one set of trees
========================================

How long will it take, and how sure is that? `skmo.MultiQuantileRegressor` learns any
number of quantiles of one target from the same trees. Here the true ones are known, so
that the fan can be held against them.
"""

# %%
# The data
# --------
#
# A duration with a daily rhythm. Its noise is skewed, as durations' is, and its spread
# has a rhythm of its own: three times as wide in the evening as in the morning.

import numpy as np
from scipy import stats

levels = np.arange(1, 20) / 20
noise = stats.gamma(2.0)


def middle(hour):
    return 10 + 3 * np.sin(2 * np.pi * (hour - 6) / 24)


def spread(hour):
    return 1 - 0.5 * np.cos(2 * np.pi * (hour - 8) / 24)


rng = np.random.default_rng(0)
hour = rng.uniform(0, 24, 6000)
minutes = middle(hour) + spread(hour) * noise.rvs(6000, random_state=rng)
X = hour[:, None]
train, validation, test = slice(0, 3000), slice(3000, 4000), slice(4000, None)

# %%
# Fit
# ---
#
# Nineteen quantiles, one tree a round. Each quantile stops at its own best round.

from skmo import MultiQuantileRegressor

model = MultiQuantileRegressor(
    levels,
    n_estimators=200,
    num_leaves=8,
    min_child_samples=100,
    heads="none",
    random_state=0,
)
model.fit(X[train], minutes[train], X_val=X[validation], y_val=minutes[validation])
print("trees of the lowest, the middle and the highest:", model.n_iter_[[0, 9, 18]])
print(f"pinball loss explained on new rows: {model.score(X[test], minutes[test]):.3f}")

# %%
# Intervals are read off by their coverage, and other levels by interpolation.

low, high = model.predict_interval(X[test], coverage=0.8).T
inside = (low <= minutes[test]) & (minutes[test] <= high)
print(f"in the 80 % interval: {inside.mean():.1%}")
noon = model.predict([[12.0]], quantiles=[0.5, 0.94])[0]
print("at noon, half of all and 94 % of all take at most", noon.round(1), "minutes")

# %%
# Look
# ----
#
# Bands are what the model says, from the 5 % to the 95 % quantile; dashed lines are
# the truth. On the right, the share of new rows below each quantile, which should be
# its level: nothing was calibrated.

import matplotlib.pyplot as plt

figure, (fan, share) = plt.subplots(
    1, 2, figsize=(10.5, 4.4), width_ratios=[2.2, 1], layout="constrained"
)
grid = np.linspace(0, 24, 481)
predicted = model.predict(grid[:, None])
shown = slice(4000, 4600)
fan.plot(hour[shown], minutes[shown], ".", color="0.55", markersize=3, zorder=1)
blues = plt.get_cmap("Blues")
for k in range(9):
    fan.fill_between(
        grid,
        predicted[:, k],
        predicted[:, 18 - k],
        color=blues(0.18 + 0.07 * k),
        linewidth=0,
        alpha=0.75,
        zorder=2 + k,
    )
for level in (0.05, 0.5, 0.95):
    truth = middle(grid) + spread(grid) * noise.ppf(level)
    fan.plot(grid, truth, "--", color="#d55e00", lw=1.4, zorder=20)
    fan.annotate(
        f"{level:.0%}",
        (24, truth[-1]),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        color="#d55e00",
    )
fan.set(xlim=(0, 24), xlabel="hour", ylabel="minutes", xticks=range(0, 25, 4))
fan.set_title("19 quantiles, one tree a round; dashed: the truth", fontsize=11)

below = (minutes[test, None] <= model.predict(X[test])).mean(axis=0)
share.plot([0, 1], [0, 1], "--", color="#d55e00", lw=1.4)
share.plot(levels, below, "o-", color=blues(0.85), markersize=4, lw=1)
share.set(xlabel="level", ylabel="share of new rows below", aspect="equal")
share.set_title("Is a quantile what it says?", fontsize=11)
for axis in (fan, share):
    axis.spines[["top", "right"]].set_visible(False)
plt.show()

# %%
# Quantiles that cross
# --------------------
#
# Learnt side by side, neighbours may change places at some rows. `predict` puts each
# row in order, which can only lower its pinball loss: see the user guide.

widths = np.diff(model.predict(X[test]), axis=1)
print("least distance between neighbours:", widths.min().round(4))

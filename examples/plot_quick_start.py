"""
Three targets, one model
========================

A feed shows items to users. The click, the long view and the watch time of an
impression have causes in common, and they are learnt at different speeds. Here one
`skmo.MultiObjectiveEstimator` learns all three from the same trees, and each of them
stops at its own best round.
"""

# %%
# The data
# --------
#
# `skmo.datasets.make_feed` draws a week of impressions in order of time. Two targets
# are binary; the third counts seconds, most of them zero. Some long views and watch
# times were not observed.

import numpy as np

from skmo.datasets import make_feed

X, Y = make_feed(n_samples=12_000, random_state=0)
names = ["click", "long view", "watch time"]
for name, target in zip(names, Y.T, strict=True):
    missing = np.isnan(target).mean()
    print(f"{name:10}  mean {np.nanmean(target):5.2f}  missing {missing:.0%}")

# %%
# Fit
# ---
#
# The first days train, the next one validates, the last one tests. A missing target
# is left out of its own objective; the row goes on serving the others.

from skmo import MultiObjectiveEstimator

train, validation, test = slice(0, 8_000), slice(8_000, 10_000), slice(10_000, None)

model = MultiObjectiveEstimator(
    objectives=["binary", "binary", "tweedie"],
    n_estimators=1000,
    learning_rate=0.05,
    num_leaves=15,
    random_state=0,
)
model.fit(X[train], Y[train], X_val=X[validation], y_val=Y[validation])
print("trees of each objective:", model.n_iter_)

# %%
# Look at the training
# --------------------
#
# ``history_`` holds both losses of every objective and round. Each panel divides by
# the loss of the first round, so 0.9 reads as "10 % less loss". The dot marks the
# objective's own last tree: those on its right are not used to predict it.

import matplotlib.pyplot as plt

figure, axes = plt.subplots(1, 3, figsize=(10, 3.6), layout="constrained", sharex=True)
colours = ["#0072b2", "#d55e00", "#009e73"]
rounds = np.arange(1, len(model.history_["val_loss"]) + 1)
for k, (axis, name, colour) in enumerate(zip(axes, names, colours, strict=True)):
    seen = model.history_["train_loss"][:, k]
    held_out = model.history_["val_loss"][:, k]
    best = model.n_iter_[k]
    axis.plot(rounds, seen / seen[0], color="0.65", lw=1.5, label="training")
    axis.plot(rounds, held_out / held_out[0], color=colour, lw=2, label="validation")
    axis.plot(
        best,
        held_out[best - 1] / held_out[0],
        "o",
        color=colour,
        markersize=9,
        markeredgecolor="white",
        markeredgewidth=1.5,
        zorder=3,
    )
    axis.axvline(best, color=colour, lw=1, ls=":")
    axis.set_title(f"{name}: {best} trees", fontsize=11)
    axis.set_xlabel("round")
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(axis="y", color="0.92")
    axis.set_axisbelow(True)
axes[0].set_ylabel("loss ÷ loss of the first round")
axes[0].legend(frameon=False, loc="upper right")
figure.suptitle("One sequence of trees, three places to stop", fontweight="bold")
plt.show()

# %%
# Predict
# -------
#
# One call predicts all targets, each in its own unit: two probabilities and a number
# of seconds. The score is the mean over objectives of the fraction of deviance
# explained.

probability_click, probability_long_view, seconds = model.predict(X[test])[:3].T
print("first three impressions, seconds expected:", seconds.round(1))
print(f"score on the last day: {model.score(X[test], Y[test]):.3f}")

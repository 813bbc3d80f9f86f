"""
What drives each objective
==========================

Shared trees serve several objectives, and the same feature may lift one of them and
press another. Here a feed's click, long view and watch time are explained one by one:
by a tree, by shares of gain, by SHAP values and by partial dependence, all of them from
one fitted `skmo.MultiObjectiveEstimator`.
"""

# %%
# Fit
# ---
#
# The causes are known: `skmo.datasets.make_feed` mixes interest, appeal and leisure in
# other proportions for each target, and the length of an item raises the watch time
# while it makes a long view less likely. Eight features are noise.

import numpy as np

from skmo import MultiObjectiveEstimator
from skmo.datasets import FEED_FEATURES, make_feed

X, Y = make_feed(n_samples=9_000, random_state=0)
objectives = ["click", "long view", "watch time"]
features = [name.replace("_", " ") for name in FEED_FEATURES]
features += [f"noise {j}" for j in range(X.shape[1] - len(features))]

model = MultiObjectiveEstimator(
    objectives=["binary", "binary", "tweedie"],
    n_estimators=60,
    num_leaves=15,
    heads="none",
    categorical_features=[0, 1],
    random_state=0,
).fit(X[:8_000], Y[:8_000])
held_out, targets = X[8_000:], Y[8_000:]

# %%
# A tree
# ------
#
# One structure, a leaf value for each objective. Where bars of a row point to the same
# side, the objectives agree on its impressions.

import matplotlib.pyplot as plt

from skmo.inspection import TreeDisplay

display = TreeDisplay.from_estimator(
    model, tree_index=0, max_depth=3, feature_names=features, labels=objectives
)
plt.show()

# %%
# Importances
# -----------
#
# Gain is counted in each objective's own gradients, whatever the tree was grown for.

order = np.argsort(-model.feature_importances_)
print(f"{'share of gain':16}" + "".join(f"{name:>12}" for name in objectives))
for j in order[:8]:
    shares = model.objective_importances_[:, j]
    print(f"{features[j]:16}" + "".join(f"{share:12.1%}" for share in shares))

# %%
# `for_objective` makes one objective an estimator of scikit-learn's. Permutation
# importance asks what an objective's score loses on held-out rows, here the accuracy of
# the long view and R² of the watch time; unobserved targets are left out.

from sklearn.inspection import permutation_importance

for k in (1, 2):
    found = permutation_importance(
        model.for_objective(k), held_out, targets[:, k], n_repeats=2, random_state=0
    )
    top = np.argsort(-found.importances_mean)[:3]
    print(f"{objectives[k]}:", ", ".join(features[j] for j in top))

# %%
# SHAP values and partial dependence, side by side
# ------------------------------------------------
#
# `predict_contrib` splits every score into contributions of the features that add up
# to it: the log-odds of a click and of a long view, and the logarithm of the expected
# seconds. Above, a dot is an impression, to the right where the feature raises the
# score, dark where its value is high. Below, the mean prediction if all items had
# that length.

from sklearn.inspection import PartialDependenceDisplay

contributions = model.predict_contrib(
    held_out
)  # (n_samples, n_objectives, features + 1)
strength = np.abs(contributions[:, :, :-1]).mean(axis=0)
# Of numbers: the codes of categories have no high and low.
numeric = np.arange(2, X.shape[1])
top = numeric[np.argsort(-(strength / strength.max(axis=1)[:, None]).sum(axis=0)[2:])]
top = top[:6]


def swarm(values, n_bins=60, step=0.03, highest=0.38):
    """Heights that keep dots of about the same value apart."""
    place = np.digitize(values, np.linspace(values.min(), values.max(), n_bins))
    heights = np.zeros(len(values))
    for bin_ in np.unique(place):
        inside = np.flatnonzero(place == bin_)
        rank = (
            (np.arange(len(inside)) + 1)
            // 2
            * np.where(np.arange(len(inside)) % 2, 1, -1)
        )
        heights[inside] = rank * min(step, highest / max(len(inside) / 2, 1))
    return heights


figure, axes = plt.subplots(
    2, 3, figsize=(11, 7), layout="constrained", height_ratios=[2.2, 1]
)
for k, (axis, name) in enumerate(zip(axes[0], objectives, strict=True)):
    for row, j in enumerate(top):
        found = contributions[:, k, j]
        rank = np.argsort(np.argsort(held_out[:, j])) / len(held_out)
        axis.scatter(
            found, row + swarm(found), c=rank, cmap="viridis_r", s=4, linewidths=0
        )
    axis.axvline(0, color="0.4", lw=0.8, zorder=0)
    axis.set_ylim(len(top) - 0.5, -0.5)
    axis.set_yticks(range(len(top)), [features[j] for j in top] if k == 0 else [])
    axis.tick_params(axis="y", length=0)
    axis.set_title(name, fontsize=11)
    axis.set_xlabel("contribution to the score")
    axis.spines[["top", "right", "left"]].set_visible(False)
bar = figure.colorbar(axis.collections[0], ax=axes[0], aspect=40, pad=0.01)
bar.set_ticks([0, 1], labels=["low", "high"])
bar.set_label("value of the feature", labelpad=-12)

length = FEED_FEATURES.index("item_seconds")
for k, axis in enumerate(axes[1]):
    PartialDependenceDisplay.from_estimator(
        model.for_objective(k),
        held_out[::4],
        [length],
        feature_names=features,
        grid_resolution=25,
        line_kw={"color": "C0", "lw": 2},
        ax=axis,
    )
labels = ["probability", "probability", "seconds"]
for axis, label in zip(figure.axes[-3:], labels, strict=True):
    axis.set_ylabel(label)
    axis.set_xlabel("length of the item in seconds")
    axis.set_ylim(0, 1.1 * axis.get_ylim()[1])
    axis.spines[["top", "right"]].set_visible(False)
figure.suptitle("One model, three explanations", fontweight="bold")
plt.show()

# %%
# Users' tastes and items' topics matter by their products, so both ends of a taste are
# found on both sides. The length of an item hardly moves the click. It makes a long
# view less likely and the watch time longer: a ranking by watch time alone would favour
# what the long view loses by.

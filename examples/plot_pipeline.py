"""
A pipeline, tuned by a grid
===========================

skmo's estimators are scikit-learn's: they go into pipelines and searches, and data
frames come out again. Here columns of strings and missing values are prepared, a
`sklearn.model_selection.GridSearchCV` tries parameters of the model *and* of the
preparation, and one scorer of `skmo.metrics.make_scorer` judges all targets at once. Do
they agree on what is best?
"""

# %%
# A frame as it comes
# -------------------
#
# `skmo.datasets.make_feed` gives a data frame with two categorical columns. Some of the
# screens and ages are taken out: they were not logged.

import numpy as np

from skmo.datasets import make_feed

X, Y = make_feed(4_000, n_noise_features=4, random_state=0, as_frame=True)
# scikit-learn 1.6.0 stumbles over a column that is named as an attribute of arrays.
X = X.rename(columns={"device": "screen"})
rng = np.random.RandomState(0)
for column in ("screen", "item_age_days"):
    X.loc[rng.uniform(size=len(X)) < 0.1, column] = np.nan
print(X[["category", "screen", "item_age_days", "hour"]].head(4).to_string())
print("unobserved targets:", Y.isna().mean().round(2).to_dict())

# %%
# The pipeline
# ------------
#
# Trees need neither scales nor imputation, and skmo takes categories as they are. What
# is left to prepare is the hour: 23 is next to 0. Whether indicators serve better than
# categories is for the grid to say. The transformer hands on a data frame, so that the
# model sees names and types.

from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

from skmo import MultiObjectiveEstimator


def on_a_circle(hours):
    angle = hours["hour"] * 2 * np.pi / 24
    return hours.assign(hour=np.sin(angle), hour_cosine=np.cos(angle))


indicators = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
columns = ColumnTransformer(
    [
        ("categories", "passthrough", ["category", "screen"]),
        ("hour", FunctionTransformer(on_a_circle), ["hour"]),
    ],
    remainder="passthrough",
    verbose_feature_names_out=False,
).set_output(transform="pandas")
model = MultiObjectiveEstimator(
    ["binary", "binary", "tweedie"],
    n_estimators=30,
    heads="none",
    n_jobs=1,
    random_state=0,
)
pipeline = Pipeline([("columns", columns), ("model", model)])

# %%
# The search
# ----------
#
# With ``combine=None`` the scorer returns a score for each target, and their mean and
# least: the area under the ROC curve of the two labels, the fraction of deviance
# explained of the seconds. Targets that were not observed are left out. ``refit`` names
# the score that decides. Rows are in order of time, and so are the folds. A second grid
# tries indicators in place of categories.

from sklearn.model_selection import GridSearchCV, TimeSeriesSplit

from skmo.metrics import make_scorer

leaves, rates = [3, 6, 12, 24], [0.08, 0.16, 0.32]
grids = [
    {"model__learning_rate": rates, "model__num_leaves": leaves},
    {
        "columns__categories": [indicators],
        "model__learning_rate": [0.16],
        "model__num_leaves": [6, 12],
    },
]
search = GridSearchCV(
    pipeline,
    grids,
    scoring=make_scorer(combine=None),
    refit="mean",
    cv=TimeSeriesSplit(3),
).fit(X, Y)

results = search.cv_results_
names = list(Y)
for score in (*names, "mean"):
    best = results["params"][np.argmax(results[f"mean_test_{score}"])]
    shown = {key.partition("__")[2]: value for key, value in best.items()}
    print(f"best for {score:10}  {results[f'mean_test_{score}'].max():.3f}  {shown}")

# %%
# Predictions in a frame
# ----------------------
#
# ``set_output`` of a pipeline reaches its transformers. The model has its own.

search.best_estimator_[-1].set_output(predict="pandas")
print(search.predict(X.tail(3)).round(2).to_string())

# %%
# What the mean is made of
# ------------------------
#
# Each panel shows the scores of one target over the first grid: dark is its own best,
# which is ringed, and white what is worse by 0.1 or more. The star is where the mean is
# best. Differences of a hundredth may be chance. That great steps with many leaves
# spoil the seconds, which are noisy and mostly zero, is not, and it decides the mean.

import matplotlib.pyplot as plt

mean = results["mean_test_mean"][: len(rates) * len(leaves)]
mean = mean.reshape(len(rates), len(leaves))
figure, axes = plt.subplots(1, 3, figsize=(9.6, 3.4), layout="constrained", sharey=True)
for axis, name in zip(axes, names, strict=True):
    scores = results[f"mean_test_{name}"][: mean.size].reshape(mean.shape)
    best = scores.max()
    axis.imshow(scores, cmap="Blues", origin="lower", vmin=best - 0.1, vmax=best)
    for (row, column), score in np.ndenumerate(scores):
        colour = "white" if score > best - 0.05 else "0.25"
        axis.text(column, row, f"{score:.3f}", ha="center", va="center", color=colour)
    row, column = np.unravel_index(scores.argmax(), scores.shape)
    axis.plot(column, row, "o", ms=40, mfc="none", mec="#d55e00", mew=2.5)
    row, column = np.unravel_index(mean.argmax(), mean.shape)
    axis.plot(column, row + 0.31, "*", ms=12, color="#d55e00", mec="white")
    axis.set_xticks(range(len(leaves)), leaves)
    axis.set_yticks(range(len(rates)), rates)
    axis.set(title=name.replace("_", " "), xlabel="leaves")
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
axes[0].set_ylabel("learning rate")
figure.suptitle("The labels can take what spoils the seconds", fontweight="bold")
plt.show()

"""
How far objectives pull apart, and what it costs
================================================

Two parties want a number to be what each of them needs. If every party gets a
prediction of its own, that they disagree costs nothing. If one prediction has to serve
both, it costs exactly as much as they disagree. The cosine between their gradients
tells how much that is, if it is read at the right time.
"""

# %%
# The data
# --------
#
# `skmo.datasets.make_conflicting` draws targets that disagree to a stated degree: from
# 0, where they want the same, through 0.5, where they have nothing to do with each
# other, to 1, where one wants the opposite of the other. What each wants is known, and
# so is what one prediction for both can reach.

from skmo.datasets import make_conflicting

noise = 0.5
degrees = (0.0, 0.25, 0.5, 0.75, 1.0)


def draw(conflict, n_samples, random_state):
    return make_conflicting(
        n_samples,
        conflict=conflict,
        noise=noise,
        random_state=random_state,
        return_truth=True,
    )


# %%
# The cosine, round by round
# --------------------------
#
# ``history_["cosines"]`` has the cosines between the objectives' gradients before each
# round's tree. Before the first one they are known: the correlation of the targets,
# :math:`(1 - 2 c) / (1 + \sigma^2)` at conflict c and noise :math:`\sigma`. With
# ``shared_score=True``, one prediction for both, they are known in the end as well:
# :math:`-c / (c + \sigma^2)`, once all that the parties agree on has been learnt.
# Sixty rounds come close to it.

from skmo import MultiObjectiveEstimator


def fit(conflict, **parameters):
    X, Y, _ = draw(conflict, 4000, 0)
    return MultiObjectiveEstimator(
        ["squared_error", "squared_error"],
        **parameters,
        n_estimators=60,
        learning_rate=0.15,
        num_leaves=15,
        n_jobs=1,
        random_state=0,
    ).fit(X, Y)


def cosines(model):
    return model.history_["cosines"][:, 0, 1]


each = {c: fit(c, heads="none") for c in degrees}
one = {c: fit(c, shared_score=True) for c in degrees}
first = {c: (1 - 2 * c) / (1 + noise**2) for c in degrees}
last = {c: 0 - c / (c + noise**2) for c in degrees}
print("conflict   first round, formula     last round of one, formula")
for c in degrees:
    begin, end = cosines(each[c])[0], cosines(one[c])[-1]
    print(f"{c:8.2f} {begin:13.2f} {first[c]:9.2f} {end:19.2f} {last[c]:9.2f}")

# %%
# Dashes on the left are the first formula, dashes on the right the second. With a
# prediction for each, the cosines fade: what is learnt no longer pulls, and the noise
# that stays has no direction. So the conflict is to be read in the first rounds. With
# one prediction for both, the cosines fall: even parties that mostly agree end up
# pulling against each other, about the rest. (Below the formula at conflict 1, where
# nothing is to be agreed on and trees fit the noise.)

import matplotlib.pyplot as plt
import numpy as np

figure, axes = plt.subplots(1, 2, figsize=(9, 4), layout="constrained", sharey=True)
shades = plt.get_cmap("viridis")(np.linspace(0, 0.75, len(degrees)))
colours = dict(zip(degrees, shades, strict=True))
panels = {"a prediction for each": each, "one prediction for both": one}
for axis, (title, models) in zip(axes, panels.items(), strict=True):
    for c, model in models.items():
        found = cosines(model)
        rounds = np.arange(1, len(found) + 1)
        axis.plot(rounds, found, color=colours[c], linewidth=2)
        axis.plot([-5, -1], [first[c]] * 2, color=colours[c], linewidth=2)
        if models is one:
            axis.plot([62, 66], [last[c]] * 2, color=colours[c], linewidth=2)
    axis.axhline(0, color="0.75", linewidth=1, zorder=0)
    axis.set_title(title, fontsize=11)
    axis.set(xlabel="round", ylim=(-1, 1))
    axis.spines[["top", "right"]].set_visible(False)
for c in degrees:
    axes[0].annotate(
        f"conflict {c:g}",
        (60, cosines(each[c])[-1]),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        color=colours[c],
        annotation_clip=False,
        fontsize=9,
    )
axes[0].set_ylabel("cosine between both gradients")
plt.show()

# %%
# `skmo.inspection.ConflictDisplay` draws the cosines of more than two objectives, as a
# heat map.

# %%
# What it costs
# -------------
#
# A ``preference`` says whose loss counts how much. The best that one prediction can do
# for the weights w and 1 - w is to lie between what both want, in these shares. The
# losses then have :math:`\sqrt{L_0 - \sigma^2} + \sqrt{L_1 - \sigma^2} = 2 \sqrt c`:
# this is the whole front, and no model can be below it. Losses are of the true means,
# for 10 000 new rows, and include the noise.

shares = (0.0, 0.25, 0.5, 0.75, 1.0)
shown = (0.25, 0.5, 1.0)


def losses(model, conflict):
    X, _, truth = draw(conflict, 10_000, 1)
    prediction = np.reshape(model.predict(X), (len(X), -1))
    return noise**2 + ((prediction - truth) ** 2).mean(axis=0)


reached, apart = {}, {}
for c in shown:
    models = [
        one[c] if w == 0.5 else fit(c, shared_score=True, preference=[w, 1 - w])
        for w in shares
    ]
    reached[c] = np.array([losses(model, c) for model in models])
    apart[c] = losses(each[c], c)
    print(
        f"conflict {c:4.2f}: a prediction each {apart[c].mean():.2f}, one for both"
        f" {reached[c][2].mean():.2f}, of which the conflict {c:.2f} and the noise"
        f" {noise**2:.2f}"
    )

# %%
# The last picture has the true fronts as lines and the models as dots, one for each
# preference. The dots follow their lines, a little behind: 4000 rows do not tell all.
# The diamonds are the models with a prediction for each, of the same rows. They are
# about where they are whatever the conflict, since predictions that are not shared
# need not agree.

figure, axis = plt.subplots(figsize=(7, 5.4), layout="constrained")
w = np.linspace(0, 1, 101)
for c in shown:
    front = noise**2 + 4 * c * np.array([(1 - w) ** 2, w**2])
    axis.plot(*front, color=colours[c], linewidth=2)
    axis.plot(*reached[c].T, "o", color=colours[c], markersize=8)
    axis.plot(*apart[c], "D", color=colours[c], markersize=8, markeredgecolor="white")
    axis.annotate(
        f"conflict {c:g}",
        front[:, 0],
        xytext=(0, -14),
        textcoords="offset points",
        ha="center",
        color=colours[c],
    )
labels = {
    "true front": "-",
    "one prediction for both": "o",
    "a prediction for each": "D",
}
for label, style in labels.items():
    axis.plot([], [], style, color="0.35", linewidth=2, markersize=8, label=label)
axis.legend(frameon=False)
axis.set(
    xlim=(0, None),
    ylim=(0, None),
    xlabel="first party's loss",
    ylabel="second party's loss",
)
axis.spines[["top", "right"]].set_visible(False)
plt.show()

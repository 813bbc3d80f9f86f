"""
Designing an alloy from two hundred tests
=========================================

A turbine blade is to be strong, and to stretch before it breaks. Each alloy that is
made and tested costs a day, so the tests are few; but each test measures several
properties, and these have causes in common. Does a model that learns them together
choose better designs than one model per property?

The alloys here are computed, from textbook shapes with made-up constants, so that it
is known what every design would have been like. Use no number of it to build a
turbine.
"""

# %%
# The data
# --------
#
# Nine numbers describe a nickel alloy: six contents in weight per cent, the temperature
# and the time of ageing, and the size of the grains. Ageing makes particles grow; small
# ones are cut by what moves through the metal and large ones are bypassed, so that
# strength has a best radius. Solutes and small grains add to it. Too much chromium,
# tungsten and rhenium makes the alloy brittle.

import numpy as np

lowest = [8, 4, 3, 0.5, 0, 0, 1000, 0, 1.3]
highest = [20, 16, 6, 4, 10, 6, 1250, 2, 2.7]
names = ["yield strength", "tensile", "hardness", "fatigue", "elongation", "creep life"]
noise = [30, 30, 12, 25, 2.5, 0.3]  # MPa, MPa, HV, MPa, %, decades of hours


def properties(X):
    cr, co, al, ti, w, re, kelvin, log_hours, log_grain = X.T
    particles = np.clip(0.1 * (al + 0.5 * ti) - 0.15, 0.05, 0.7)
    growth = 1.7e16 * 10**log_hours * np.exp(-270_000 / (8.314 * kelvin))
    radius = np.cbrt(10**3 + growth)  # nm: volumes grow in proportion to time
    cut = 190 * np.sqrt(particles * radius)
    bypassed = 40_000 * np.sqrt(particles) / radius
    solutes = 25 * np.sqrt(cr) + 10 * np.sqrt(co) + 50 * np.sqrt(w) + 80 * np.sqrt(re)
    grains = 750 / np.sqrt(10**log_grain)
    strength = 150 + grains + solutes + cut * bypassed / (cut + bypassed)
    excess = 0.6 * (cr - 12) + 0.5 * w + re - 0.2 * co - 2
    brittle = np.logaddexp(0, excess)
    elongation = 10 + 60 * np.exp(-strength / 700) - 1.6 * brittle - 2 * log_grain
    tensile = strength + 120 + 9 * elongation
    hardness = 60 + strength / 3.2 + 4 * brittle
    fatigue = 120 + 0.42 * strength + 5 * elongation - 60 * log_grain
    creep = 2.5 * particles + 0.25 * re + 0.06 * w + 0.5 * log_grain
    creep -= 0.1 * brittle + 0.004 * radius
    return np.column_stack([strength, tensile, hardness, fatigue, elongation, creep])


rng = np.random.default_rng(0)
X = rng.uniform(lowest, highest, size=(200, 9))
Y = properties(X) + noise * rng.normal(size=(200, 6))
Y[rng.uniform(size=200) < 0.5, 5] = np.nan  # creep takes weeks: half of it is untested
candidates = rng.uniform(lowest, highest, size=(5000, 9))
truth = properties(candidates)
for name, low, high in zip(names, truth.min(axis=0), truth.max(axis=0), strict=True):
    print(f"{name:15} from {low:6.1f} to {high:6.1f}")

# %%
# Learn from two hundred
# ----------------------
#
# `skmo.compare` trains one model of all properties and, on the same settings, one
# LightGBM per property. Both are scored on 5000 alloys that nobody made, against the
# true properties and not against tests of them: the best possible R² is 1.

from skmo import MultiObjectiveRegressor, compare

result = compare(
    X,
    Y,
    estimator=MultiObjectiveRegressor(
        n_estimators=1000,
        learning_rate=0.05,
        num_leaves=7,
        min_child_samples=5,
        n_jobs=1,
        random_state=0,
    ),
    target_names=names,
    X_test=candidates,
    Y_test=truth,
    validation_fraction=0.2,
    random_state=0,
    progress=False,
)
print(result)

# %%
# Choose designs
# --------------
#
# Of the candidates, a model recommends those than which no other one is predicted to be
# both stronger and more ductile. What they are worth shows when they are made. One
# measure is what each design leaves on the table: how much further the best candidate
# that is at least as strong would stretch. Another is the hypervolume, the area of
# strength and elongation that the designs dominate together, as a share of what the
# best candidates do; a bad design beside good ones does not lessen it.

from skmo.metrics import hypervolume, is_pareto_efficient

wanted = [names.index("yield strength"), names.index("elongation")]
made = truth[:, wanted]
predicted = {
    "one LightGBM each": np.column_stack(
        [result.separate_[k].predict(candidates) for k in wanted]
    ),
    "skmo, one fit": result.estimator_.predict(candidates)[:, wanted],
}
worst = made.min(axis=0)
front = made[is_pareto_efficient(made)]
chosen, possible, missed = {}, {}, {}
print(f"{'':17}  designs   elongation missed   share of the area")
for model, values in predicted.items():
    designs = chosen[model] = made[is_pareto_efficient(values)]
    possible[model] = np.array(
        [front[front[:, 0] >= strength, 1].max() for strength in designs[:, 0]]
    )
    missed[model] = (possible[model] - designs[:, 1]).mean()
    share = hypervolume(designs, worst) / hypervolume(front, worst)
    print(f"{model:17} {len(designs):8} {missed[model]:15.2f} % {share:18.1%}")

# %%
# The picture
# -----------
#
# Grey dots are all candidates as they would be, had they been made, and the line is
# their front. Coloured are the designs that each model recommends, with what each one
# misses.

import matplotlib.pyplot as plt

figure, axes = plt.subplots(
    1, 2, figsize=(9, 4.4), layout="constrained", sharex=True, sharey=True
)
colours = {"one LightGBM each": "#d55e00", "skmo, one fit": "#0072b2"}
order = np.argsort(front[:, 0])
for axis, (model, designs) in zip(axes, chosen.items(), strict=True):
    colour = colours[model]
    axis.scatter(*made.T, s=3, color="0.82", linewidth=0, rasterized=True)
    axis.step(*front[order].T, where="pre", color="0.3", linewidth=1.5)
    axis.vlines(*designs.T, possible[model], color=colour, linewidth=1.5, zorder=3)
    axis.scatter(*designs.T, s=42, color=colour, edgecolor="white", zorder=4)
    axis.set_title(f"{model}: misses {missed[model]:.1f} %", fontsize=11)
    axis.set_xlabel("yield strength, MPa")
    axis.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("elongation, %")
plt.show()

# %%
# One draw is one draw, and this one is kind to skmo. These are means over twelve, with
# ``default_rng`` of 0 to 11:
#
# .. list-table::
#    :header-rows: 1
#
#    * - model
#      - R² of strength
#      - of elongation
#      - of creep life
#      - designs
#      - elongation missed
#      - share of the area
#    * - one LightGBM each
#      - .818
#      - .845
#      - .678
#      - 25
#      - 1.2 %
#      - 93.1 %
#    * - skmo, one fit
#      - .866
#      - .882
#      - .764
#      - 30
#      - 0.8 %
#      - 95.8 %
#
# All six properties were predicted better in all twelve draws, creep life, of which
# half is missing, by most. The area was larger in all twelve. Each design missed less
# in ten, by 0.35 % in the mean, with a standard error of 0.12; in two draws it missed
# more.
#
# It is the sharing that pays: in the first six draws the shared trees alone, with
# ``heads="none"``, raised R² by as much.

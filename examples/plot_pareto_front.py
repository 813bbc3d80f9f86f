"""
Choosing a model from a Pareto front
====================================

No model is best for objectives that pull against each other, but many are worse than
need be. Those that are not, of which none is better in one objective without being
worse in another, are the Pareto front. Which of its points can weights reach, and how
is one of them chosen?
"""

# %%
# A front that weighted sums miss
# -------------------------------
#
# One price for each of two regions, and two parties with an idea of what it should be.
# In the first region they want -1 and 1 (in some unit), in the second they agree on 0.
# The Welsch loss, :math:`1 - e^{-r^2}` of the residual :math:`r`, is bounded: a price
# that is far off is simply lost. It is no objective of skmo's, but easily made one.

import numpy as np

from skmo.objectives import Objective


class Welsch(Objective):
    """A bounded loss of the residual."""

    def init_score(self, target, weight):
        return np.array([np.average(target, weights=weight)])

    def loss(self, target, score):
        return -np.expm1(-((score - target) ** 2))

    def gradient_hessian(self, target, score, gradient, hessian):
        residual = score - target
        np.multiply(2 * residual, np.exp(-(residual**2)), out=gradient)
        hessian.fill(2.0)  # an upper bound: the second derivative falls below 0


X = np.repeat([[0.0], [1.0]], 100, axis=0)
Y = np.where(X == 0, [-1.0, 1.0], [0.0, 0.0])


def losses(score):
    return Welsch().loss(Y, np.reshape(score, (-1, 1))).mean(axis=0)


# %%
# All that a model can learn here is two prices, so that the front can be found by
# trying them all. The price of the second region is always 0, and that of the first
# lies between -1 and 1. The losses of two such prices are the test problem of Fonseca
# and Fleming (Evolutionary Computation 3, 1995), and the front is concave: half of the
# way costs more than half.

from skmo.metrics import inverted_generational_distance, is_pareto_efficient

grid = np.stack(np.meshgrid(np.linspace(-1.5, 1.5, 121), np.linspace(-1, 1, 41)), -1)
grid = grid.reshape(-1, 2)
tried = np.array([losses(np.repeat(prices, 100)) for prices in grid])
efficient = is_pareto_efficient(tried, greater_is_better=False)
front = tried[efficient]
prices = grid[efficient]
print(f"front: {len(front)} of {len(tried)} pairs of prices")
print(f"first region's  from {prices[:, 0].min():5.2f} to {prices[:, 0].max():5.2f}")
print(f"second region's from {prices[:, 1].min():5.2f} to {prices[:, 1].max():5.2f}")

# %%
# With ``shared_score=True`` both parties pull on one prediction. Ten preferences are
# given to two balancers: ``equal`` minimises the weighted sum of losses, ``wc_mgda``
# the largest of preference times loss. (The distance is from a point of the front to
# the nearest one reached, in the mean.)

from skmo import MultiObjectiveEstimator
from skmo.pareto import preference_rays

rays = preference_rays(2, 10)
reached = {}
for balancer in ("equal", "wc_mgda"):
    found = []
    for preference in rays:
        model = MultiObjectiveEstimator(
            [Welsch(), Welsch()],
            shared_score=True,
            balancer=balancer,
            preference=preference,
            early_stopping=False,
            num_leaves=2,
            n_jobs=1,
            random_state=0,
        )
        found.append(losses(model.fit(X, Y).predict(X)))
    reached[balancer] = np.array(found)
    distance = inverted_generational_distance(reached[balancer], front)
    print(f"{balancer:8} mean distance from the front's points: {distance:.3f}")

# %%
# Weighted sums end near one party's wish or the other's, whatever the preference: the
# minimum of a weighted sum lies on the convex hull, and of this front the hull has but
# the ends. Making the preferred losses equal picks the point where a ray from the
# origin meets the front, and every point is on a ray.

import matplotlib.pyplot as plt

from skmo.inspection import ParetoFrontDisplay

figure, axis = plt.subplots(figsize=(7, 5.2), layout="constrained")
display = ParetoFrontDisplay(
    reached["wc_mgda"],
    objective_names=["first party's loss", "second party's loss"],
    preferences=rays,
    ideal=0.0,
    greater_is_better=False,
).plot(ax=axis, label="wc_mgda")
ParetoFrontDisplay(reached["equal"], greater_is_better=False).plot(
    ax=display.ax_, label="equal"
)
order = np.argsort(front[:, 0])
display.ax_.plot(*front[order].T, color="0.4", linewidth=1, linestyle="--", zorder=0)
display.ax_.annotate(
    "front",
    (0.325, 0.307),
    (0.405, 0.425),
    color="0.35",
    arrowprops={"arrowstyle": "-", "color": "0.6"},
)
plt.show()

# %%
# Such fronts are rarer than they look. If a feature told the first region's customers
# apart, whatever it means, half of them could have the one price and half the other:
# each party would lose a quarter instead of a third. Mixing fills the hollow, and a
# model of many rows and features can often mix.

# %%
# A front of rankings
# -------------------
#
# Documents are to be relevant and fresh, which here is hard to have at once. Each of
# nine preferences is cross-validated, and the models that no other one beats in both
# scores are kept. Rows of a query stay in one fold.

from skmo import MultiObjectiveRanker
from skmo.datasets import make_multi_ranking
from skmo.pareto import ParetoSearchCV

X, Y, qid = make_multi_ranking(600, conflict=0.6, random_state=0)
train, test = qid < 200, qid >= 200
search = ParetoSearchCV(
    MultiObjectiveRanker(
        combine="gradients",
        n_estimators=40,
        num_leaves=15,
        n_jobs=1,
        random_state=0,
    ),
    n_points=9,
    cv=3,
    reference_point=0.4,
).fit(X[train], Y[train], qid=qid[train])
for preference, scores in zip(
    search.pareto_preferences_, search.pareto_front_, strict=True
):
    print(preference.round(1), scores.round(3))
print(f"hypervolume above 0.4: {search.hypervolume_:.3f} of 0.36")

# %%
# The default balancer sums up weighted gradients. That suffices here, as this front has
# no hollow: with ``balancer="wc_mgda"`` the points are spread more evenly, and the
# hypervolume is about the same, 0.194.

# %%
# Three ways to choose
# --------------------
#
# ``select`` puts another model of the front to use, and fits nothing: the *knee*, where
# the front bulges most; the closest to the best scores by a *preference*; or the best
# freshness with a least relevance, a *bound*. The scores on the front chose the model,
# so those of queries that had no part in it are what to expect.

choices = {
    "knee": {"knee": True},
    "relevance counts threefold": {"preference": [3, 1]},
    "relevance of 0.85 at least": {"bounds": {0: 0.85}},
}
chosen = {}
print(f"{'':26}  cross-validated     test queries")
for name, choice in choices.items():
    chosen[name] = search.select(**choice)
    tested = search.best_estimator_.score_objectives(X[test], Y[test], qid=qid[test])
    cells = "  ".join(f"{score:.3f}" for score in (*search.best_scores_, *tested))
    print(f"{name:26}  {cells}")

# %%
# The display marks the model in use and shades the hypervolume, and with ``bounds``
# what misses them. Error bars are the folds' standard deviations: points that are
# closer than these are not worth choosing between. On the dashed rays preference times
# loss, 1 - NDCG, is the same for both labels. ``wc_mgda`` aims at such proportions, of
# losses by pairs of documents; of a weighted sum the preferences are no such promise,
# and its points lie elsewhere.

display = ParetoFrontDisplay.from_estimator(search, bounds={0: 0.85}, ideal=1.0)
display.ax_.set(xlabel="relevance (NDCG)", ylabel="freshness (NDCG)")
plt.show()

"""The parameters all estimators share, documented once."""

from __future__ import annotations

import re
from inspect import signature
from typing import TypeVar

Class = TypeVar("Class", bound=type)

_PARAMETERS = """n_estimators : int, default=100
        Rounds of boosting: the number of shared trees.
    learning_rate : float, default=0.1
        Factor of every leaf value.
    num_leaves : int, default=31
        Most leaves of a tree.
    max_depth : int, default=-1
        Greatest depth of a tree; -1 for no limit.
    min_child_samples : int, default=20
        Fewest rows in a leaf.
    min_split_gain : float, default=0.0
        Least gain of a split, in units of the structure gradient (of the loss,
        as in LightGBM, with a single objective).
    reg_alpha, reg_lambda : float, default=0.0
        L1 and L2 penalties of leaf values, on the standardised targets.
    subsample : float, default=1.0
        Share of the rows each tree is grown on.
    subsample_freq : int, default=1
        Draw new rows every so many trees; 0 uses all rows whatever
        ``subsample`` says. (LightGBM's default is 0.)
    colsample_bytree : float, default=1.0
        Share of the features each tree may use.
    max_bin : int, default=255
        Most bins of a feature.
    structure : {"random", "objective", "eigen", "sum"} or StructureRule, \
default="random"
        The rule for the gradient a tree is grown on. See
        `skmo.boosting.structure`.
    balancer : str, Balancer or type, default="equal"
        How much each objective weighs in a round: a name of
        `skmo.balancing.BALANCERS` such as "mgda", an instance with parameters
        of its own, or a class. A fit works on a copy that remembers nothing.
    preference : array-like of shape (n_objectives,), default=None
        Importance of each objective, non-negative. None means equal ones.
        They decide what trees are grown for; leaf values of an objective
        depend on its own loss alone.
    heads : {"auto", "blend", "boost", "none"}, default="auto"
        Each objective's own learner, beside or after the shared trees, for what
        it would lose by sharing. "blend": separate trees at the estimator's
        settings, mixed with the shared scores by a weight per objective.
        "boost": trees that go on from the shared scores. "auto": "blend" with
        steps twice as long (up to .15) in half the rounds. "none": shared trees
        alone. The validation rows decide about weights and what is kept;
        without any, out-of-fold scores do, at the price of three more fits on
        two thirds of (at most 10 000) rows. With one target there are none. See
        the user guide, "Learners of their own".
    head_params : dict, default=None
        Parameters of the own learners where they differ from the estimator's,
        or a dict of such dicts for some objectives by name. Without own learners
        (``heads="none"``, one target) it is checked and has no effect. They may set
        ``n_estimators``, ``learning_rate``, ``num_leaves``, ``max_depth``,
        ``min_child_samples``, ``min_split_gain``, ``reg_alpha``,
        ``reg_lambda``, ``subsample``, ``subsample_freq``,
        ``colsample_bytree``, ``max_bin``, ``n_iter_no_change`` and
        ``lightgbm_params``.
    categorical_features : "from_dtype", array-like or None, default="from_dtype"
        Features to treat as categories: those with a categorical dtype in a
        pandas, polars or pyarrow data frame, or a boolean mask, indices or names.
        Categories that ``fit`` did not see count as missing.
    early_stopping : "auto" or bool, default="auto"
        Whether each objective stops by itself when its validation loss no
        longer falls. "auto": if ``fit`` is given validation rows. True without
        validation rows holds out ``validation_fraction``.
    validation_fraction : float, default=0.1
        Share of the rows held out if ``early_stopping=True`` and ``fit`` is
        given no validation rows.
    n_iter_no_change : int, default=50
        Rounds without improvement after which an objective stops.
    tol : float, default=None
        A validation loss improves if it falls by more than this share of the
        least so far. None means 0 for a single objective, as in LightGBM, and
        3e-4 for several, where one that gains next to nothing would keep all
        going.
    lightgbm_params : dict, default=None
        Further parameters for LightGBM's trees, such as
        ``{"extra_trees": True}``. What would break shared trees is refused.
    warm_start : bool, default=False
        Whether ``fit`` keeps the trees of the last fit and adds rounds up to
        ``n_estimators``.
    on_interrupt : {"raise", "keep"}, default="raise"
        What a KeyboardInterrupt (Ctrl-C) in ``fit`` does once a round is trained.
        "keep": the round under way is completed and the fit ends there, with a
        warning and without own learners that were not trained yet. "raise": the fit
        fails, and the estimator is as it was before.
    n_jobs : int, default=None
        Most threads; small data use fewer. -1 means all processors, None at most as
        many as the environment variable OMP_NUM_THREADS says, which joblib sets in
        the processes of a parallel search. Results do not depend on it.
    random_state : int, RandomState or None, default=None
        Seed of all draws: structure directions, rows, features, validation
        rows.
    verbose : int, default=0
        0 prints nothing, 1 a line every ten rounds, 2 a line every round."""

_ATTRIBUTES = """n_objectives_ : int
    objective_names_ : list of str
        Column names of ``y``, or target0, target1, …
    objectives_ : list of Objective
    n_iter_ : ndarray of shape (n_objectives,), int
        Shared trees each objective predicts with (none of them count where its
        own trees have the share 1).
    heads_ : list of {"none", "boost", "blend"}
        What each objective has of its own.
    head_shares_ : ndarray of shape (n_objectives,)
        Weight of its own trees in each objective's prediction; 1 where they
        are added to the shared ones.
    head_n_iter_ : ndarray of shape (n_objectives,), int
        Rounds of its own each objective predicts with.
    history_ : dict of str to ndarray
        One row a round: ``train_loss`` and, with validation rows, ``val_loss``
        (n_rounds, n_objectives), the mean loss in the target's units (for
        squared error half the mean square); ``weights`` (n_rounds,
        n_objectives), 0 for an objective that has stopped; ``cosines``
        (n_rounds, n_objectives, n_objectives) between the objectives'
        gradients before the round (the root of the RV coefficient, without a
        sign, for one with several classes), NaN for one that has stopped, and
        ``conflict`` (n_rounds,), the share of pairs with a negative one, both
        for at most 64 objectives and from a sample of rows where there are
        many; ``gap`` (n_rounds,), the Pareto-stationarity gap; ``seconds``
        (n_rounds,).
    objective_importances_ : ndarray of shape (n_objectives, n_features)
        Each feature's share of the objective's total split gain. Rows sum to
        1, or to 0 for an objective without gain.
    feature_importances_ : ndarray of shape (n_features,)
        Their mean over the objectives.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features,)
        Where ``X`` had string column names."""


def shared_docs(cls: Class) -> Class:
    """Fill in ``{parameters}`` and ``{attributes}`` of a class docstring.

    Parameters that the class does not take, or describes itself, are left out, and
    so are attributes that it describes.
    """
    if not cls.__doc__:  # None under python -OO
        return cls
    taken = signature(cls).parameters
    shared = {"parameters": _PARAMETERS, "attributes": _ATTRIBUTES}
    for name, text in shared.items():
        entries = re.split(r"\n    (?=\S)", text)
        kept = []
        for entry in entries:
            names = entry.partition(" : ")[0].split(", ")
            own = any(f"\n    {one} : " in cls.__doc__ for one in names)
            absent = name == "parameters" and not set(names) & set(taken)
            if not own and not absent:
                kept.append(entry)
        cls.__doc__ = cls.__doc__.replace(f"{{{name}}}", "\n    ".join(kept))
    return cls

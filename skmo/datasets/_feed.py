"""A feed of impressions: click, long view and watch time."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.utils import check_random_state

from ._checks import check_integer, check_share, import_pandas

CATEGORIES = ("comedy", "cooking", "games", "music", "nature", "news", "sport", "tech")
DEVICES = ("browser", "phone", "tablet", "tv")
FACTORS = 3
#: Names of the features of `make_feed`, without those that are noise.
FEED_FEATURES = (
    "category",
    "device",
    *(f"user_taste{j}" for j in range(FACTORS)),
    *(f"item_topic{j}" for j in range(FACTORS)),
    "item_seconds",
    "item_age_days",
    "hour",
)
#: Names of the targets of `make_feed`.
FEED_TARGETS = ("click", "long_view", "watch_time")


def make_feed(
    n_samples: int = 10_000,
    *,
    n_noise_features: int = 8,
    missing: float = 0.2,
    random_state: int | np.random.RandomState | None = None,
    return_truth: bool = False,
    as_frame: bool = False,
) -> tuple[Any, ...]:
    """Generate a feed of impressions with three targets of different kinds.

    Each row shows one item to one user, in order of time over a week. The
    targets are whether the user clicked (binary), whether they stayed for a
    long view (binary, likelier after a click) and for how many seconds they
    watched (non-negative, mostly zero, skewed to the right). Part of the long
    views and of the watch times were not observed.

    Parameters
    ----------
    n_samples : int, default=10000
        The number of impressions.
    n_noise_features : int, default=8
        Standard normal features that tell nothing about any target.
    missing : float, default=0.2
        The share of rows, in [0, 1), whose watch time is NaN (drawn at random)
        and the share whose long view is NaN (one logging outage: consecutive
        rows that start after 30 % of the log). Clicks are always observed.
    random_state : int, RandomState instance or None, default=None
        Pass an int for the same data in every call.
    return_truth : bool, default=False
        Whether to return the targets' conditional means as well.
    as_frame : bool, default=False
        Whether to return pandas data frames, with names and with ``category``
        and ``device`` as categoricals. Otherwise arrays, where the first two
        columns of ``X`` hold the categories' codes.

    Returns
    -------
    X : ndarray or DataFrame of shape (n_samples, 11 + n_noise_features)
        ``category``, ``device``, 3 x ``user_taste``, 3 x ``item_topic``,
        ``item_seconds``, ``item_age_days``, ``hour``, then the noise.
    Y : ndarray or DataFrame of shape (n_samples, 3)
        ``click``, ``long_view``, ``watch_time`` (seconds), NaN where not
        observed.
    truth : ndarray or DataFrame of shape (n_samples, 3)
        The mean of each target given ``X``: no model can predict better. Only
        if ``return_truth`` is True.

    Raises
    ------
    ValueError
        If a number is outside its range.
    ImportError
        If ``as_frame`` is True and pandas is not installed.

    Notes
    -----
    ``n_samples / 20`` users have tastes :math:`u \\sim N(0, I_3)`. ``n_samples /
    10`` items have a category c, topics :math:`v = 0.8 m_c + 0.6 z` (with
    :math:`m_c, z \\sim N(0, I_3)`), a log-normal length d (median 30 s) and an
    age a (exponential, mean 5 days). Users, items and devices meet at random.
    Three causes are shared by the targets:

    - interest :math:`i = u \\cdot v / \\sqrt 3`,
    - appeal :math:`q = A_c - 0.4 \\log(1 + a)`, with :math:`A_c \\sim N(0, 0.5^2)`,
    - leisure :math:`l = 0.8 \\cos(2 \\pi (h - 21) / 24) + B_{device}` at hour h,

    and each target mixes them in its own way, with
    :math:`s = \\log(d / 30)` and :math:`\\sigma` the logistic function:

    - click: Bernoulli, :math:`p = \\sigma(-0.6 + 1.2 i + 0.9 q + 0.3 l)`,
    - long view: Bernoulli,
      :math:`r = \\sigma(0.3 + 0.9 i + 0.4 q + 0.6 l - 0.9 s)` after a click and
      :math:`r / 10` without,
    - watch time: 0 without click and long view, else Gamma of shape 2 and mean
      :math:`m = \\exp(\\log 10 + 0.3 i + 0.4 l + 0.6 s)`, times 0.4 for short
      views and 2 for long ones.

    All causes are functions of ``X``, so the conditional means are known:
    :math:`p`; :math:`r (p + (1 - p) / 10)`; and :math:`m (0.4 p (1 - r) + 2 r
    (p + (1 - p) / 10))`.

    Examples
    --------
    >>> from skmo.datasets import make_feed
    >>> X, Y = make_feed(1000, random_state=0)
    >>> X.shape, Y.shape
    ((1000, 19), (1000, 3))
    """
    check_integer("make_feed", "n_samples", n_samples, 1)
    check_integer("make_feed", "n_noise_features", n_noise_features, 0)
    check_share("make_feed", "missing", missing, 0, 1, ")")
    rng = check_random_state(random_state)
    n_users, n_items = max(1, n_samples // 20), max(1, n_samples // 10)
    tastes = rng.normal(size=(n_users, FACTORS))
    category_topics = rng.normal(size=(len(CATEGORIES), FACTORS))
    category_appeal = rng.normal(scale=0.5, size=len(CATEGORIES))
    device_leisure = rng.normal(scale=0.5, size=len(DEVICES))
    item_category = rng.randint(len(CATEGORIES), size=n_items)
    item_topics = 0.8 * category_topics[item_category]
    item_topics += 0.6 * rng.normal(size=(n_items, FACTORS))
    item_seconds = 30 * np.exp(rng.normal(scale=0.7, size=n_items))
    item_age = rng.exponential(scale=5, size=n_items)

    user = rng.randint(n_users, size=n_samples)
    item = rng.randint(n_items, size=n_samples)
    device = rng.choice(len(DEVICES), size=n_samples, p=[0.2, 0.6, 0.1, 0.1])
    hour = np.arange(n_samples) / n_samples * 7 * 24 % 24
    noise = rng.normal(size=(n_samples, n_noise_features))
    category, topics, taste = item_category[item], item_topics[item], tastes[user]
    seconds, age = item_seconds[item], item_age[item]

    interest = (taste * topics).sum(axis=1) / np.sqrt(FACTORS)
    appeal = category_appeal[category] - 0.4 * np.log1p(age)
    leisure = 0.8 * np.cos(2 * np.pi * (hour - 21) / 24) + device_leisure[device]
    length = np.log(seconds / 30)
    p = expit(-0.6 + 1.2 * interest + 0.9 * appeal + 0.3 * leisure)
    r = expit(0.3 + 0.9 * interest + 0.4 * appeal + 0.6 * leisure - 0.9 * length)
    mean = 10 * np.exp(0.3 * interest + 0.4 * leisure + 0.6 * length)
    long = r * (p + (1 - p) / 10)
    truth = np.column_stack([p, long, mean * (0.4 * p * (1 - r) + 2 * long)])

    click = rng.uniform(size=n_samples) < p
    stayed = rng.uniform(size=n_samples) < np.where(click, r, r / 10)
    watched = rng.gamma(2, size=n_samples) / 2 * mean * np.where(stayed, 2, 0.4)
    watched[~(click | stayed)] = 0
    Y = np.column_stack([click, stayed, watched]).astype(np.float64)
    outage = slice(int(0.3 * n_samples), int(0.3 * n_samples + missing * n_samples))
    Y[outage, 1] = np.nan
    Y[rng.uniform(size=n_samples) < missing, 2] = np.nan

    X = np.column_stack([category, device, taste, topics, seconds, age, hour, noise])
    if as_frame:
        X, Y, truth = _as_frames(X, Y, truth)
    return (X, Y, truth) if return_truth else (X, Y)


def _as_frames(*arrays: np.ndarray) -> tuple[Any, Any, Any]:
    pd = import_pandas("make_feed")
    X, Y, truth = arrays
    names = [
        *FEED_FEATURES,
        *(f"noise{j}" for j in range(X.shape[1] - len(FEED_FEATURES))),
    ]
    frame = pd.DataFrame(X, columns=names)
    for name, levels in (("category", CATEGORIES), ("device", DEVICES)):
        frame[name] = pd.Categorical.from_codes(frame[name].astype(int), list(levels))
    columns = list(FEED_TARGETS)
    return frame, pd.DataFrame(Y, columns=columns), pd.DataFrame(truth, columns=columns)

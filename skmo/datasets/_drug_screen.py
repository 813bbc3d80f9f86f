"""A screen of compounds: assays that later compounds no longer reach."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.utils import check_random_state

from ._checks import check_integer, check_share, import_pandas

#: Names of the targets of `make_drug_screen`, in the order of their assays.
DRUG_SCREEN_ENDPOINTS = (
    "solubility",
    "permeability",
    "clearance",
    "herg",
    "toxicity",
)
_N_RINGS, _RINGS_EACH = 16, 3
# Of three rings out of 16: no two scaffolds are the same.
_CORES = np.array(list(combinations(range(_N_RINGS), _RINGS_EACH)))
_N_GROUPS, _GROUPS_EACH = 32, 4
# Of the Dirichlet distribution: a series tries few of the groups often.
_CONCENTRATION = 0.3
_BITS_SET = 0.1
_PAIR_EFFECT = 1.0
# Of lipophilicity, polarity, basicity, size and the endpoint's own property.
_EFFECTS = np.array(
    [
        [-0.9, 0.5, 0.0, -0.3, 0.3],
        [0.3, -0.4, 0.0, -0.2, 0.2],
        [0.5, -0.3, 0.2, 0.0, 0.3],
        [1.0, -0.5, 1.2, 0.0, 0.5],
        [1.0, 0.0, 0.5, 0.8, 0.5],
    ]
)
_LEVELS = np.array([-4.0, -5.0, np.log(10), -1.0, -1.0])
_SQUARED_LIPOPHILICITY = -0.2
_SOLUBILITY_NOISE, _PERMEABILITY_NOISE, _CLEARANCE_SHAPE = 0.5, 0.3, 4


def make_drug_screen(
    n_samples: int = 2000,
    *,
    n_scaffolds: int = 60,
    pass_rate: float = 0.5,
    exceptions: float = 0.05,
    n_noise_features: int = 32,
    random_state: int | np.random.RandomState | None = None,
    return_truth: bool = False,
    as_frame: bool = False,
) -> tuple[Any, ...]:
    r"""Generate a screen of compounds with endpoints of several kinds.

    Features count a compound's fragments, as fingerprints do. Compounds of one
    scaffold are a series that shares its core. Five endpoints depend on the same
    few properties of a compound, which are not among the features. An assay is
    run on compounds that passed the one before, so that most endpoints are
    missing, and not at random. No molecule is real.

    Parameters
    ----------
    n_samples : int, default=2000
        The number of compounds.
    n_scaffolds : int, default=60
        The number of scaffolds that compounds are drawn from, at most 560, as many
        as there are cores. The chance of the r-th is proportional to
        :math:`1 / \sqrt r`.
    pass_rate : float, default=0.5
        The share, in (0, 1], of an assay's compounds that pass it, by the values
        measured. With 1 nothing is missing.
    exceptions : float, default=0.05
        The chance, in [0, 1], that a compound which is not due for an assay is
        measured in it all the same.
    n_noise_features : int, default=32
        Bits that are set in one compound of ten and tell nothing.
    random_state : int, RandomState instance or None, default=None
        Pass an int for the same data in every call. Each draws other effects of
        the fragments: take training and test rows from one call.
    return_truth : bool, default=False
        Whether to return the endpoints' conditional means as well.
    as_frame : bool, default=False
        Whether to return pandas data frames and a series, with names, instead of
        arrays.

    Returns
    -------
    X : ndarray or DataFrame of shape (n_samples, 48 + n_noise_features)
        ``ring0`` to ``ring15``, of which a scaffold has three (0 or 1),
        ``group0`` to ``group31``, how often a group is attached (0, 1, …), then
        ``bit0``, … (0 or 1).
    Y : ndarray or DataFrame of shape (n_samples, 5)
        ``solubility`` (logarithm to base 10 of mol/l), ``permeability`` (logarithm
        to base 10 of cm/s), ``clearance`` (ml/min/kg, above 0), ``herg`` (1 if the
        compound blocks this channel of the heart, else 0) and ``toxicity`` (1 if
        it harms cells). NaN where not measured.
    scaffold : ndarray or Series of shape (n_samples,)
        The scaffold's number, from 0, of each compound: groups for a split by
        which whole series are unseen.
    truth : ndarray or DataFrame of shape (n_samples, 5)
        The mean of each endpoint given ``X``, also where it was not measured: no
        model can predict better. Only if ``return_truth`` is True.

    Raises
    ------
    ValueError
        If a number is outside its range.
    ImportError
        If ``as_frame`` is True and pandas is not installed.

    Notes
    -----
    *Compounds.* A scaffold is three rings of 16, no two alike, and a series: group
    j is attached :math:`\mathrm{Poisson}(4 d_j)` times, where d is the scaffold's
    draw from a Dirichlet distribution of concentration 0.3.

    *Properties.* With ring i present or not, :math:`r_i`, and group j attached
    :math:`c_j` times, each property is

    .. math::

        \sum_i \alpha_i r_i + \sum_{i < j} \beta_{ij} r_i r_j
        + \sum_j \gamma_j \sqrt{c_j},

    scaled to mean 0 and variance 1 over the sample, with standard normal
    coefficients; those of size are uniform from 0.5 to 1.5, without pairs. The pairs
    of rings in an unseen scaffold may be new: this makes it harder than a new
    compound of a known series. All endpoints share lipophilicity l, polarity p,
    basicity b and size m, and each has a property of its own, q:

    - solubility: :math:`-4 - 0.9 l + 0.5 p - 0.3 m + 0.3 q`, with normal noise of
      0.5 [1]_,
    - permeability: :math:`-5 + 0.3 l - 0.2 l^2 - 0.4 p - 0.2 m + 0.2 q`, with normal
      noise of 0.3: a parabola in l, as in [2]_,
    - clearance: Gamma of shape 4 and mean
      :math:`\exp(\log 10 + 0.5 l - 0.3 p + 0.2 b + 0.3 q)`,
    - hERG: Bernoulli, :math:`\sigma(-1 + l - 0.5 p + 1.2 b + 0.5 q)`, with the
      logistic function :math:`\sigma`; lipophilic bases block [3]_,
    - toxicity: Bernoulli, :math:`\sigma(-1 + l + 0.5 b + 0.8 m + 0.5 q)`.

    Signs and shapes follow the references; the numbers are made up.

    *Assays.* Solubility is measured in all compounds. A compound is due for the
    permeability assay if its solubility is at least the quantile
    1 - ``pass_rate`` of those measured, for the clearance assay if its permeability
    was measured and is at least that quantile of those measured, and for both
    safety assays, hERG and toxicity, if its clearance was measured and is at most
    the quantile ``pass_rate``. What is not due is measured by the chance
    ``exceptions``, drawn for each compound and assay (once for both safety assays).

    Whether a value is missing thus depends on values measured earlier and on
    chance, on nothing else: it is missing at random given what was observed. As
    the noise of an endpoint is its own, the mean of an endpoint given ``X`` is the
    same among the compounds measured as among all. But those measured are other
    compounds: the rarer an endpoint, the further from the typical one.

    ``pass_rate``, ``exceptions`` and ``n_noise_features`` leave all else that the
    same ``random_state`` draws as it is: with ``pass_rate=1`` one has the values
    that were not measured.

    References
    ----------
    .. [1] Y. Ran, S. H. Yalkowsky. "Prediction of drug solubility by the general
       solubility equation (GSE)", Journal of Chemical Information and Computer
       Sciences 41, 2001, pages 354-357.
    .. [2] C. Hansch, J. M. Clayton. "Lipophilic character and biological activity of
       drugs II: the parabolic case", Journal of Pharmaceutical Sciences 62, 1973,
       pages 1-21.
    .. [3] M. J. Waring, C. Johnstone. "A quantitative assessment of hERG liability
       as a function of lipophilicity", Bioorganic & Medicinal Chemistry Letters 17,
       2007, pages 1759-1764.

    Examples
    --------
    >>> import numpy as np
    >>> from skmo.datasets import make_drug_screen
    >>> X, Y, scaffold = make_drug_screen(1000, random_state=0)
    >>> X.shape, Y.shape, scaffold.shape
    ((1000, 80), (1000, 5), (1000,))
    >>> (~np.isnan(Y)).sum(axis=0)
    array([1000,  524,  295,  183,  183])
    """
    name = "make_drug_screen"
    check_integer(name, "n_samples", n_samples, 1)
    # So many cores of three rings there are.
    check_integer(name, "n_scaffolds", n_scaffolds, 1, len(_CORES))
    check_share(name, "pass_rate", pass_rate, 0, 1, opening="(")
    check_share(name, "exceptions", exceptions, 0, 1)
    check_integer(name, "n_noise_features", n_noise_features, 0)
    rng = check_random_state(random_state)
    rings, groups, scaffold = _compounds(n_samples, n_scaffolds, rng)
    truth = _means(rings, groups, rng)
    Y = _values(truth, rng)
    exempt = rng.uniform(size=(n_samples, 3)) < exceptions
    Y[~_measured(Y, pass_rate, exempt)] = np.nan
    # Last and column by column: how many there are changes nothing else.
    bits = rng.uniform(size=(n_noise_features, n_samples)).T < _BITS_SET
    X = np.column_stack([rings, groups, bits]).astype(np.float64)
    if as_frame:
        pd = import_pandas(name)
        counts = {"ring": _N_RINGS, "group": _N_GROUPS, "bit": n_noise_features}
        X = pd.DataFrame(
            X, columns=[f"{kind}{j}" for kind, n in counts.items() for j in range(n)]
        )
        columns = list(DRUG_SCREEN_ENDPOINTS)
        Y, truth = (pd.DataFrame(part, columns=columns) for part in (Y, truth))
        scaffold = pd.Series(scaffold, name="scaffold")
    return (X, Y, scaffold, truth) if return_truth else (X, Y, scaffold)


def _compounds(
    n_samples: int, n_scaffolds: int, rng: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rings, groups and scaffold of each compound."""
    chance = 1 / np.sqrt(np.arange(1, n_scaffolds + 1))
    scaffold = rng.choice(n_scaffolds, size=n_samples, p=chance / chance.sum())
    cores = np.zeros((n_scaffolds, _N_RINGS))
    chosen = rng.choice(len(_CORES), size=n_scaffolds, replace=False)
    np.put_along_axis(cores, _CORES[chosen], 1.0, axis=1)
    series = rng.dirichlet(np.full(_N_GROUPS, _CONCENTRATION), size=n_scaffolds)
    groups = rng.poisson(_GROUPS_EACH * series[scaffold])
    return cores[scaffold], groups, scaffold


def _means(
    rings: np.ndarray, groups: np.ndarray, rng: np.random.RandomState
) -> np.ndarray:
    """Of all endpoints given the fragments, (n_samples, 5)."""
    first, second = np.triu_indices(_N_RINGS, 1)
    attached = np.sqrt(groups)
    simple = np.column_stack([rings, attached])
    pairs = rings[:, first] * rings[:, second]

    def drawn() -> np.ndarray:
        alone = simple @ rng.normal(size=simple.shape[1])
        return _scaled(alone + _PAIR_EFFECT * pairs @ rng.normal(size=pairs.shape[1]))

    lipophilicity, polarity, basicity = (drawn() for _ in range(3))
    size = _scaled(simple @ rng.uniform(0.5, 1.5, size=simple.shape[1]))
    own = np.column_stack([drawn() for _ in DRUG_SCREEN_ENDPOINTS])
    shared = np.column_stack([lipophilicity, polarity, basicity, size])
    means = _LEVELS + shared @ _EFFECTS[:, :-1].T + own * _EFFECTS[:, -1]
    means[:, 1] += _SQUARED_LIPOPHILICITY * lipophilicity**2
    means[:, 2] = np.exp(means[:, 2])
    means[:, 3:] = expit(means[:, 3:])
    return means


def _scaled(values: np.ndarray) -> np.ndarray:
    spread = values.std()
    return (values - values.mean()) / (spread if spread > 0 else 1.0)


def _values(means: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """What all assays would measure in all compounds."""
    n_samples = len(means)
    values = means.copy()
    values[:, 0] += _SOLUBILITY_NOISE * rng.normal(size=n_samples)
    values[:, 1] += _PERMEABILITY_NOISE * rng.normal(size=n_samples)
    values[:, 2] *= rng.gamma(_CLEARANCE_SHAPE, size=n_samples) / _CLEARANCE_SHAPE
    values[:, 3:] = rng.uniform(size=(n_samples, 2)) < means[:, 3:]
    return values


def _measured(values: np.ndarray, pass_rate: float, exempt: np.ndarray) -> np.ndarray:
    """Which values are: later assays take those that passed, and some others.

    Parameters
    ----------
    values : ndarray of shape (n_samples, 5)
    pass_rate : float
    exempt : bool ndarray of shape (n_samples, 3)
        Whether a compound is measured in any case: of permeability, clearance and
        both safety assays.
    """
    measured = np.ones(values.shape, dtype=bool)
    # Of clearance, low values pass.
    for k, (sign, always) in enumerate(zip((1, 1, -1), exempt.T, strict=True)):
        result = sign * values[:, k]
        least = np.quantile(result[measured[:, k]], 1 - pass_rate)
        due = measured[:, k] & (result >= least)
        measured[:, k + 1] = due | always
    measured[:, 4] = measured[:, 3]
    return measured

"""Data sets with several targets, from OpenML through scikit-learn's cache."""

from __future__ import annotations

import errno
import hashlib
import inspect
import os
import textwrap
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple, TypeVar
from urllib.error import HTTPError, URLError

import numpy as np
import scipy.sparse as sp
from sklearn.datasets import fetch_openml, get_data_home
from sklearn.utils import Bunch

from ..exceptions import DownloadError
from ._checks import import_pandas

_F = TypeVar("_F", bound=Callable[..., Any])

# As OpenML writes labels, and as Mulan does, from which most of them come.
_LABELS = {"FALSE": 0.0, "TRUE": 1.0, "0": 0.0, "1": 1.0}


class Source(NamedTuple):
    """What a data set on OpenML is known to be: a download must agree with it.

    ``target_names`` and ``md5`` are None where no record of OpenML's answer was at
    hand to take them from.
    """

    data_id: int
    n_samples: int
    n_features: int
    n_targets: int
    labels: bool
    target_names: tuple[str, ...] | None = None
    md5: str | None = None


SOURCES = {
    "fetch_emotions": Source(
        data_id=40589,
        n_samples=593,
        n_features=72,
        n_targets=6,
        labels=True,
        target_names=(
            "amazed.suprised",
            "happy.pleased",
            "relaxing.calm",
            "quiet.still",
            "sad.lonely",
            "angry.aggresive",
        ),
        md5="742d72e4ce2ebf59d1be9f15807e0938",
    ),
    "fetch_energy_efficiency": Source(
        data_id=41478, n_samples=768, n_features=8, n_targets=2, labels=False
    ),
    "fetch_river_flow": Source(
        data_id=41483, n_samples=9125, n_features=64, n_targets=8, labels=False
    ),
    "fetch_scene": Source(
        data_id=40595,
        n_samples=2407,
        n_features=294,
        n_targets=6,
        labels=True,
        target_names=("Beach", "Sunset", "FallFoliage", "Field", "Mountain", "Urban"),
    ),
    "fetch_water_quality": Source(
        data_id=41491, n_samples=1060, n_features=16, n_targets=14, labels=False
    ),
    "fetch_yeast": Source(
        data_id=40597, n_samples=2417, n_features=103, n_targets=14, labels=True
    ),
}

_SHARED = """\
    The first call downloads the data set to scikit-learn's cache; later ones need no
    network.

    Parameters
    ----------
    data_home : str or path-like, default=None
        The folder of the cache. None is the one of
        :func:`sklearn.datasets.get_data_home`.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` instead of a Bunch.
    as_frame : bool, default=False
        Whether ``data`` and ``target`` are pandas data frames, with names, instead
        of arrays.
    n_retries : int, default=3
        How often to try again to download the data, at least once.
    delay : float, default=1.0
        The seconds between tries, above 0.

    Returns
    -------
    dataset : :class:`~sklearn.utils.Bunch`
        With the attributes

        - ``data``, ndarray or DataFrame of shape ({n_samples}, {n_features}), float64;
        - ``target``, ndarray or DataFrame of shape ({n_samples}, {n_targets}),
          float64{coded};
        - ``frame``, DataFrame of shape ({n_samples}, {n_columns}) of both, or None if
          ``as_frame`` is False;
        - ``feature_names`` and ``target_names``, lists of str;
        - ``DESCR``, OpenML's description, and ``details``, all it says about it;
        - ``url``, the page of the data set;
        - ``sha256``, the checksum of names and values, to be quoted with results.
    (data, target) : tuple, if ``return_X_y`` is True

    Raises
    ------
    DownloadError
        If the data set is not in the cache and OpenML cannot be reached.
    ValueError
        If what OpenML has, or the cache, is not the data set described here, or not
        the values that the first call saw.
    ImportError
        If ``as_frame`` is True and pandas is not installed.

    Notes
    -----
    Data set {data_id} of OpenML. scikit-learn compares the file with the MD5 checksum
    that OpenML states. skmo then requires

    {pinned}

    and remembers ``sha256`` beside the cache, if that folder can be written to.

    References
    ----------
    {reference}

    Examples
    --------
    >>> from skmo.datasets import {name}
    >>> X, Y = {name}(return_X_y=True)  # doctest: +SKIP
    >>> X.shape, Y.shape  # doctest: +SKIP
    (({n_samples}, {n_features}), ({n_samples}, {n_targets}))
"""


def _documented(reference: str) -> Callable[[_F], _F]:
    """Append the sections all loaders share to a docstring."""

    def decorate(function: _F) -> _F:
        source = SOURCES[function.__name__]
        pinned = ["- the shape and the number of targets"]
        if source.target_names is not None:
            pinned.append("- the targets' names")
        if source.labels:
            pinned.append("- labels that are true or false")
        if source.md5 is not None:
            pinned.append(f"- the MD5 checksum ``{source.md5}``")
        doc = _SHARED.format(
            **source._asdict() | {"reference": reference},
            name=function.__name__,
            n_columns=source.n_features + source.n_targets,
            coded=", 0 and 1" if source.labels else "",
            pinned=";\n    ".join(pinned) + ",",
        )
        # Python 3.13 strips the indentation of docstrings, earlier versions do not.
        summary = inspect.cleandoc(function.__doc__ or "")
        function.__doc__ = f"{summary}\n\n{textwrap.dedent(doc)}"
        return function

    return decorate


@_documented(
    """K. Trohidis, G. Tsoumakas, G. Kalliris and I. Vlahavas, "Multi-label
    classification of music into emotions", ISMIR 2008."""
)
def fetch_emotions(
    *,
    data_home: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
    as_frame: bool = False,
    n_retries: int = 3,
    delay: float = 1.0,
) -> Any:
    """Load the emotions that pieces of music evoke: 6 labels.

    Features are of rhythm and timbre.
    """
    return _fetch("fetch_emotions", data_home, return_X_y, as_frame, n_retries, delay)


@_documented(
    """A. Tsanas and A. Xifara, "Accurate quantitative estimation of energy
    performance of residential buildings using statistical machine learning tools",
    Energy and Buildings 49, 2012."""
)
def fetch_energy_efficiency(
    *,
    data_home: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
    as_frame: bool = False,
    n_retries: int = 3,
    delay: float = 1.0,
) -> Any:
    """Load the heating and cooling loads of simulated buildings: 2 real targets.

    Known as ENB. Features are of the building's shape and glazing.
    """
    return _fetch(
        "fetch_energy_efficiency", data_home, return_X_y, as_frame, n_retries, delay
    )


@_documented(
    """E. Spyromitros-Xioufis, G. Tsoumakas, W. Groves and I. Vlahavas, "Multi-target
    regression via input space expansion: treating targets as inputs", Machine
    Learning 104, 2016."""
)
def fetch_river_flow(
    *,
    data_home: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
    as_frame: bool = False,
    n_retries: int = 3,
    delay: float = 1.0,
) -> Any:
    """Load river flows 48 hours ahead at 8 sites of one river: 8 real targets.

    Known as RF1. Features are the flows at all sites, now and up to 60 hours ago; some
    are missing. Rows follow each other by the hour: split them by time.
    """
    return _fetch("fetch_river_flow", data_home, return_X_y, as_frame, n_retries, delay)


@_documented(
    """M. R. Boutell, J. Luo, X. Shen and C. M. Brown, "Learning multi-label scene
    classification", Pattern Recognition 37(9), 2004."""
)
def fetch_scene(
    *,
    data_home: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
    as_frame: bool = False,
    n_retries: int = 3,
    delay: float = 1.0,
) -> Any:
    """Load what photographs show: 6 labels, such as beach and mountain.

    Features are means and variances of colours in a grid.
    """
    return _fetch("fetch_scene", data_home, return_X_y, as_frame, n_retries, delay)


@_documented(
    """S. Dzeroski, D. Demsar and J. Grbovic, "Predicting chemical parameters of river
    water quality from bioindicator data", Applied Intelligence 13(1), 2000."""
)
def fetch_water_quality(
    *,
    data_home: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
    as_frame: bool = False,
    n_retries: int = 3,
    delay: float = 1.0,
) -> Any:
    """Load how abundant plants and animals are in river water: 14 targets.

    Known as WQ. Targets are grades: 0, 1, 3 and 5. Features are chemical and physical
    measurements.
    """
    return _fetch(
        "fetch_water_quality", data_home, return_X_y, as_frame, n_retries, delay
    )


@_documented(
    """A. Elisseeff and J. Weston, "A kernel method for multi-labelled
    classification", NIPS 2001."""
)
def fetch_yeast(
    *,
    data_home: str | os.PathLike[str] | None = None,
    return_X_y: bool = False,
    as_frame: bool = False,
    n_retries: int = 3,
    delay: float = 1.0,
) -> Any:
    """Load the functional classes of the genes of yeast: 14 labels.

    Features are of micro-array expression and phylogenetic profiles.
    """
    return _fetch("fetch_yeast", data_home, return_X_y, as_frame, n_retries, delay)


def _fetch(
    function: str,
    data_home: str | os.PathLike[str] | None,
    return_X_y: bool,
    as_frame: bool,
    n_retries: int,
    delay: float,
) -> Any:
    source = SOURCES[function]
    pd = import_pandas(function) if as_frame else None
    folder = Path(get_data_home(data_home))
    raw = _download(function, source, folder, n_retries, delay)
    X, Y = _arrays(function, source, folder, raw)
    names = list(raw.feature_names), list(raw.target_names)
    digest = _sha256(*names, X, Y)
    _remember(function, source, folder, digest)
    frame = None
    if pd is not None:
        X, Y = (pd.DataFrame(Z, columns=n) for Z, n in zip((X, Y), names, strict=True))
        frame = pd.concat([X, Y], axis=1)
    if return_X_y:
        return X, Y
    return Bunch(
        data=X,
        target=Y,
        frame=frame,
        feature_names=names[0],
        target_names=names[1],
        DESCR=raw.DESCR,
        details=raw.details,
        url=raw.url,
        sha256=digest,
    )


def _download(
    function: str, source: Source, folder: Path, n_retries: int, delay: float
) -> Bunch:
    try:
        # This parser needs no pandas, and gives the same floats with and without it.
        return fetch_openml(
            data_id=source.data_id,
            data_home=folder,
            as_frame=False,
            parser="liac-arff",
            n_retries=n_retries,
            delay=delay,
        )
    except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
        if isinstance(error, HTTPError):
            what = f"OpenML answered {error.code} ({error.reason})"
            error.close()
        else:
            what = f"OpenML cannot be reached ({getattr(error, 'reason', error)})"
        raise DownloadError(
            f"{function} found no complete copy of the data set {source.data_id} in "
            f"the cache {str(folder)!r}, and {what}. Call it once where there is a "
            "network, pass as 'data_home' the folder of a cache that has it, or "
            "generate data with one of skmo.datasets.make_*."
        ) from error


def _arrays(
    function: str, source: Source, folder: Path, raw: Bunch
) -> tuple[np.ndarray, np.ndarray]:
    """Features and targets as float64, if they are what ``source`` says."""

    def require(what: str, found: Any, expected: Any) -> None:
        if found != expected:
            raise ValueError(
                f"The data set {source.data_id} of OpenML is not the one {function} "
                f"is made for: its {what} must be {expected}. Got {found} instead. If "
                "the cache may be spoilt, delete the folder "
                f"{str(folder / 'openml')!r} and call again. If OpenML has changed "
                f"it, sklearn.datasets.fetch_openml(data_id={source.data_id}) loads it "
                "as it is."
            )

    if source.md5 is not None:
        require("MD5 checksum", raw.details.get("md5_checksum"), source.md5)
    require("format", "sparse" if sp.issparse(raw.data) else "dense", "dense")
    require("shape", raw.data.shape, (source.n_samples, source.n_features))
    require("number of targets", len(raw.target_names), source.n_targets)
    if source.target_names is not None:
        require("targets", tuple(raw.target_names), source.target_names)
    require("categorical features", sorted(raw.categories or ()), [])
    Y = np.asarray(raw.target)
    if source.labels:
        levels, codes = np.unique(Y.astype(str), return_inverse=True)
        others = sorted(set(levels.tolist()) - set(_LABELS))[:3]
        require("labels other than true and false", others, [])
        Y = np.array([_LABELS[level] for level in levels])[codes].reshape(Y.shape)
    else:
        require("targets", "numbers" if Y.dtype.kind == "f" else "names", "numbers")
    return np.ascontiguousarray(raw.data, np.float64), np.ascontiguousarray(
        Y, np.float64
    )


def _sha256(
    feature_names: list[str], target_names: list[str], X: np.ndarray, Y: np.ndarray
) -> str:
    """Of the names and of the values by rows, as little-endian float64."""
    digest = hashlib.sha256()
    for names, values in ((feature_names, X), (target_names, Y)):
        digest.update(repr((names, values.shape)).encode())
        # One NaN for all: their bits are the parser's choice.
        digest.update(
            np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes()
        )
    return digest.hexdigest()


def _remember(function: str, source: Source, folder: Path, digest: str) -> None:
    """Compare with the checksum of the first call, or keep it if this is the first."""
    path = folder / "skmo" / f"openml_{source.data_id}.sha256"
    try:
        first = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        _write(path, digest)
        return
    if first != digest:
        raise ValueError(
            f"{function} loaded other values than its first call did: their SHA-256 "
            f"checksum must be {first}, as {str(path)!r} says. Got {digest} instead. "
            "OpenML has changed the data set, or another version of scikit-learn reads "
            "it otherwise. Delete that file to accept the new values."
        )


def _write(path: Path, text: str) -> None:
    """All of it at once, since several processes may share the cache."""
    try:
        path.parent.mkdir(exist_ok=True)
        with NamedTemporaryFile(
            "w", encoding="ascii", dir=path.parent, delete=False
        ) as file:
            file.write(text + "\n")
        os.replace(file.name, path)
    except OSError as error:
        # Others may keep a cache for everybody to read; a full disk is another matter.
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise

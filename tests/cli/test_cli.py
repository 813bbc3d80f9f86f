"""The commands, run in this process."""

import re
import subprocess
import sys

import numpy as np
import pytest

import skmo
from skmo.cli import main
from skmo.datasets import make_feed

pd = pytest.importorskip("pandas", reason="reading files needs pandas")

FAST = ["--estimators", "3", "--leaves", "4", "--n-jobs", "1"]


@pytest.fixture(scope="module")
def feed(tmp_path_factory):
    """A file with targets, features of several kinds, a group and a time column."""
    X, Y = make_feed(400, random_state=0, as_frame=True)
    table = pd.concat([X, Y], axis=1)
    table["user"] = np.arange(400) // 8
    table["day"] = pd.date_range("2026-01-01", periods=400, freq="h").astype(str)
    table["liked"] = np.where(Y["click"] == 1, "yes", "no")
    path = tmp_path_factory.mktemp("feed") / "feed.csv.gz"
    table.to_csv(path, index=False)
    return path


def run(*arguments):
    return main([str(argument) for argument in arguments])


def error_of(capsys, *arguments):
    """The single line an expected error leaves on standard error."""
    assert run(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("skmo: error: ")
    assert captured.err.count("\n") == 1
    return captured.err


def test_version_as_a_subprocess():
    done = subprocess.run(
        [sys.executable, "-m", "skmo", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == f"skmo {skmo.__version__}"


def test_demo(capsys, tmp_path):
    pytest.importorskip("matplotlib", reason="the picture needs matplotlib")
    picture = tmp_path / "card.png"
    assert run("demo", "--rows", 400, "--out", picture, *FAST) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    for name in ("click", "long_view", "watch_time"):
        line = rf"^{name} +(AUC|D2)( +-?\d\.\d{{4}}){{2}} +[+-]\d\.\d{{4}} +\d/\d$"
        assert re.search(line, captured.out, re.M)
    assert captured.out.endswith(f"Saved the picture to {picture}.\n")
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.filterwarnings("default")
def test_demo_of_a_few_rows_warns_in_single_lines(capfd, tmp_path):
    # Among them are targets with one value, on which LightGBM would abort.
    pytest.importorskip("matplotlib", reason="the picture needs matplotlib")
    assert run("demo", "--rows", 5, "--out", tmp_path / "card.png", *FAST) == 0
    captured = capfd.readouterr()
    lines = captured.err.splitlines()
    assert lines
    assert all(line.startswith("skmo: warning: ") for line in lines)
    assert ".py:" not in captured.err
    assert "'target" not in captured.err
    assert any("'click'" in line for line in lines)
    assert "LightGBM]" not in captured.out


def test_demo_checks_the_pictures_folder_before_the_fit(capsys, tmp_path):
    # Nothing on standard output: the demo had not begun.
    error = error_of(capsys, "demo", "--out", tmp_path / "no" / "card.png")
    assert "--out: there is no folder" in error
    error = error_of(capsys, "demo", "--out", tmp_path)
    assert "is a folder: name a file" in error


def test_overflow_is_an_error_in_a_single_line(capsys, monkeypatch, tmp_path):
    def overflow(*arguments, **options):
        raise FloatingPointError("The loss\noverflowed.")

    monkeypatch.setattr("skmo.comparison.compare", overflow)
    assert run("demo", "--rows", 50, "--out", tmp_path / "card.png") == 2
    assert capsys.readouterr().err == "skmo: error: The loss overflowed.\n"


WITHOUT_EXTRAS = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name in ("pandas", "matplotlib"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
from skmo.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_demo_needs_neither_pandas_nor_matplotlib(tmp_path):
    picture = tmp_path / "card.png"
    done = subprocess.run(
        [
            *(sys.executable, "-c", WITHOUT_EXTRAS),
            *("demo", "--rows", "400", "--out", str(picture), *FAST),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not picture.exists()
    assert "Report card: 3 objectives" in done.stdout
    assert done.stdout.endswith('For a picture of this: pip install "skmo[plot]".\n')


@pytest.mark.parametrize("aside", [["--group", "user"], ["--time", "day"]])
def test_compare_keeps_model_and_picture(capsys, tmp_path, feed, aside):
    joblib = pytest.importorskip("joblib", reason="models are saved by joblib")
    pytest.importorskip("matplotlib", reason="the picture needs matplotlib")
    drop = "liked,day" if "--group" in aside else "liked,user"
    model, picture = tmp_path / "model.joblib", tmp_path / "card.png"
    code = run(
        *("compare", feed, "--targets", "click,long_view,watch_time", *aside),
        *("--drop", drop, "--objectives", "watch_time=tweedie", *FAST),
        *("--out", model, "--picture", picture),
    )
    captured = capsys.readouterr()
    assert (code, captured.err) == (0, "")
    assert re.search(r"^watch_time +D2 ", captured.out, re.M)
    assert re.search(r"^Fitting took .* 3 separate LightGBM models", captured.out, re.M)
    assert picture.read_bytes().startswith(b"\x89PNG")
    fitted = joblib.load(model)
    # Neither targets nor the columns set aside are features.
    assert fitted.n_features_in_ == 19
    X, _ = make_feed(5, random_state=1, as_frame=True)
    assert fitted.predict(X).shape == (5, 3)


def test_compare_reads_parquet(capsys, tmp_path, feed):
    pytest.importorskip("pyarrow", reason="parquet needs pyarrow")
    path = tmp_path / "feed.parquet"
    pd.read_csv(feed).drop(columns=["day", "liked"]).to_parquet(path)
    assert run("compare", path, "--targets", "click", *FAST) == 0
    assert "Report card: 1 objective;" in capsys.readouterr().out


def test_compare_takes_codes_as_categories(capsys, tmp_path, feed):
    joblib = pytest.importorskip("joblib", reason="models are saved by joblib")
    arguments = ["compare", feed, "--targets", "click", "--drop", "day,liked", *FAST]
    model = tmp_path / "model.joblib"
    assert run(*arguments, "--categorical", "user", "--out", model) == 0
    fitted = joblib.load(model)
    assert "user" in fitted.feature_names_in_
    user = list(fitted.feature_names_in_).index("user")
    assert fitted._features.categorical == [0, 1, user]
    capsys.readouterr()
    error = error_of(capsys, *arguments, "--categorical", "click")
    assert "--categorical: there is no column 'click'" in error


def test_compare_notes_identifiers(capsys, tmp_path, feed):
    path = tmp_path / "feed.csv"
    table = pd.read_csv(feed).drop(columns=["day", "liked"])
    table.rename(columns={"user": "user_id"}).to_csv(path, index=False)
    assert run("compare", path, "--targets", "click", *FAST) == 0
    err = capsys.readouterr().err
    assert err.startswith("skmo: note: user_id looks like an identifier")
    assert "--group user_id" in err


def test_compare_over_folds_with_a_peer(capsys, tmp_path, feed):
    pytest.importorskip("matplotlib", reason="the picture needs matplotlib")
    picture = tmp_path / "card.png"
    code = run(
        *("compare", feed, "--targets", "click,watch_time", "--drop", "day,liked"),
        *("--cv", 2, "--peers", "lightgbm,forest", "--picture", picture, *FAST),
    )
    captured = capsys.readouterr()
    assert (code, captured.err) == (0, "")
    assert "2 folds, about 180 train, 20 validation, 200 test" in captured.out
    assert re.search(
        r"^objective .* forest +difference +95 % interval", captured.out, re.M
    )
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_compare_runs_the_installed_peers(feed, monkeypatch):
    given = []

    def compare(*arguments, **options):
        given.append((options["peers"], options["cv"]))
        raise ValueError("enough")

    monkeypatch.setattr("skmo.comparison.compare", compare)
    arguments = ["compare", feed, "--targets", "click", "--drop", "day,liked"]
    for more in ([], ["--peers", "installed", "--cv", 3], ["--peers", "forest"]):
        assert run(*arguments, *more) == 2
    assert given == [(["lightgbm"], None), ("installed", 3), (["forest"], None)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--targets", "click", "--drop", "day,liked", "--peers", "forrest"],
            "'peers' parameter of compare must be .* Got 'forrest'",
        ),
        (
            ["--targets", "click", "--drop", "day,liked", "--cv", "1"],
            "'cv' parameter of compare must be .* Got 1",
        ),
        (["--targets", "clik"], "--targets: there is no column 'clik'; did you mean "),
        (["--targets", "click,click"], "--targets: 'click' is named twice"),
        (["--targets", "click", "--drop", "hours"], "--drop: .* did you mean hour"),
        (["--targets", "click", "--group", "zzz"], "--group: .*the columns are categ"),
        (["--targets", "click", "--drop", "click"], "'click' cannot be a target and"),
        (
            ["--targets", "liked"],
            "target 'liked' is not numeric .* write 'yes' as 1 and the other as 0",
        ),
        (["--targets", "category"], "number its classes 0, 1, .* multiclass"),
        (["--targets", "day"], "target 'day' is not numeric"),
        (
            ["--targets", "click", "--drop", "liked"],
            r"column 'day' holds dates: --drop it, or split by it \(--time day\)",
        ),
        (
            ["--targets", "click", "--objectives", "binary,poisson"],
            "names 2 objectives for 1 targets",
        ),
        (["--targets", "click", "--objectives", "clik=binary"], "--objectives: there"),
        (
            ["--targets", "click,hour", "--objectives", "click=binary,poisson"],
            "give only names, or only TARGET=NAME",
        ),
        (
            ["--targets", "click", "--drop", "day", "--objectives", "binery"],
            "Unknown objective 'binery'. Did you mean 'binary'",
        ),
        (
            ["--targets", "click", "--drop", "day", "--test-size", "1.5"],
            "'test_size' parameter of compare",
        ),
        (["--targets", "click", "--out", "no/such/model"], "--out: there is no folder"),
    ],
)
def test_compare_explains_what_is_wrong(capsys, feed, arguments, message):
    error = error_of(capsys, "compare", feed, *arguments)
    assert re.search(message, error)


def test_compare_refuses_files_it_cannot_read(capsys, tmp_path, feed):
    error = error_of(capsys, "compare", feed.parent / "fed.csv.gz", "--targets", "a")
    assert "There is no file" in error
    assert "Did you mean" in error
    other = tmp_path / "table.xlsx"
    other.write_bytes(b"")
    error = error_of(capsys, "compare", other, "--targets", "a")
    assert "does not end in .csv, .csv.gz, .parquet" in error
    broken = tmp_path / "table.parquet"
    broken.write_bytes(b"not parquet")
    error = error_of(capsys, "compare", broken, "--targets", "a")
    assert "table.parquet cannot be read" in error or "pip install" in error
    for name, content in (("no.csv", b""), ("head.csv", b"a,b\n"), ("x.csv.gz", b"?")):
        (tmp_path / name).write_bytes(content)
        error = error_of(capsys, "compare", tmp_path / name, "--targets", "a")
        assert f"{name} cannot be read" in error or f"{name} holds no rows" in error


def test_compare_refuses_useless_columns(capsys, tmp_path):
    path = tmp_path / "table.csv"
    table = pd.DataFrame(
        {"y": np.arange(50) % 2, "note": [f"no {i}" for i in range(50)]}
    )
    table.to_csv(path, index=False)
    error = error_of(capsys, "compare", path, "--targets", "y")
    assert "text column 'note' differs in nearly every row" in error
    error = error_of(capsys, "compare", path, "--targets", "y", "--drop", "note")
    assert "No column is left" in error
    table.assign(y=np.nan).to_csv(path, index=False)
    error = error_of(capsys, "compare", path, "--targets", "y", "--drop", "note")
    assert "target 'y' holds no value" in error


@pytest.mark.parametrize(
    ("module", "options", "hint"),
    [("pandas", [], "skmo[pandas]"), ("matplotlib", ["--picture", "x.png"], "[plot]")],
)
def test_compare_names_the_missing_extra(
    capsys, monkeypatch, feed, module, options, hint
):
    monkeypatch.setitem(sys.modules, module, None)
    error = error_of(capsys, "compare", feed, "--targets", "click", *options)
    assert hint in error


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["compare", "x.csv"],
        ["compare", "x.csv", "--targets", ","],
        ["demo", "--rows", "0"],
        ["compare", "x.csv", "--targets", "a", "--group", "b", "--time", "c"],
    ],
)
def test_usage_errors_exit_with_2(capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("rows", ["1,2,3\n4,5,6\n", "1,2,3\n1,5,6\n"])
def test_rows_longer_than_the_header_are_refused(rows, tmp_path, capsys):
    """pandas would take the first column for the rows' names."""
    path = tmp_path / "long.csv"
    path.write_text(f"y,a\n{rows}")
    error = error_of(capsys, "compare", path, "--targets", "y")
    assert "more cells than its header" in error

"""The parts of the project agree: code, registries, documentation, packaging."""

from __future__ import annotations

import ast
import configparser
import csv
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import skmo
from skmo.balancing import BALANCERS
from skmo.balancing._registry import ALIASES
from skmo.boosting.structure import STRUCTURE_RULES
from skmo.objectives import OBJECTIVES, RANKING_OBJECTIVES, STAGE_LOSSES

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "skmo"
# Of each registry: the module, the page of the user guide with its table, the classes.
REGISTRIES = [
    ("skmo.objectives", "objectives.rst", OBJECTIVES),
    ("skmo.objectives", "ranking.rst", RANKING_OBJECTIVES),
    ("skmo.objectives", "funnels.rst", STAGE_LOSSES),
    ("skmo.boosting.structure", "structure.rst", STRUCTURE_RULES),
    ("skmo.balancing", "balancing.rst", BALANCERS),
]
each_registry = pytest.mark.parametrize(
    ("module", "page", "registry"), REGISTRIES, ids=[page for _, page, _ in REGISTRIES]
)
# The modules whose `__all__` is public. Sub-packages not named in it are private.
PUBLIC_MODULES = [
    "skmo",
    "skmo.objectives",
    "skmo.boosting.structure",
    "skmo.balancing",
    "skmo.callbacks",
    "skmo.comparison",
    "skmo.dask",
    "skmo.datasets",
    "skmo.exceptions",
    "skmo.inspection",
    "skmo.metrics",
    "skmo.onnx",
    "skmo.pareto",
    "skmo.persistence",
    "skmo.tuning",
]


def public_names() -> dict[str, object]:
    """Qualified name -> class or function, of all public modules."""
    found = {}
    for module in map(importlib.import_module, PUBLIC_MODULES):
        for name in getattr(module, "__all__", list(vars(module))):
            member = getattr(module, name)
            if any(member is known for known in found.values()):
                continue  # listed under the module that comes first
            if inspect.isclass(member) or inspect.isroutine(member):
                found[f"{module.__name__}.{name}"] = member
    return found


def read(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def config(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(read(name))
    return parser


def test_api_reference_lists_exactly_the_public_names():
    listed = re.findall(r"^   (skmo\.\S+)$", read("docs", "api.rst"), re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == set(public_names())


@pytest.mark.parametrize("name", public_names())
def test_public_name_has_a_docstring_with_an_example(name):
    member = public_names()[name]
    text = inspect.getdoc(member)
    assert text
    # What is there to be subclassed has its examples in its subclasses; a warning
    # is not made by users.
    base = any(
        getattr(part, "__isabstractmethod__", False) for part in vars(member).values()
    )
    if not base and not name.startswith("skmo.exceptions."):
        assert re.search(r"^Examples\n-+\n", text, re.MULTILINE), f"{name}: no Examples"
        assert ">>> " in text


@each_registry
def test_table_of_the_user_guide_is_the_registry(module, page, registry):
    rows = re.findall(
        rf"^   \* - ``(\w+)``\n     - :class:`~{re.escape(module)}\.(\w+)`$",
        read("docs", "user_guide", page),
        re.MULTILINE,
    )
    expected = {name: cls.__name__ for name, cls in registry.items()}
    assert dict(rows) == expected
    assert len(rows) == len(expected)


def balancer_cases():
    """The value and property table of all balancers."""
    folder = ROOT / "tests" / "balancing"
    return [
        case
        for path in sorted(folder.glob("cases_*.py"))
        for case in importlib.import_module(f"tests.balancing.{path.stem}").CASES
    ]


def test_every_balancer_has_values_and_claims():
    """Registry = value table = property table; the user guide is compared above."""
    cases = balancer_cases()
    assert sorted(case.cls.__name__ for case in cases) == sorted(
        cls.__name__ for cls in BALANCERS.values()
    )
    assert [case.cls for case in cases if not case.values] == []
    assert set(ALIASES.values()) <= set(BALANCERS)
    assert not set(ALIASES) & set(BALANCERS)


def test_what_balancers_read_is_as_the_user_guide_says():
    """The column of flags, which the wrappers take from the default inside."""
    rows = re.findall(
        r"^   \* - ``(\w+)``\n     - :class:`~skmo\.balancing\.\w+`\n     -(.*)$",
        read("docs", "user_guide", "balancing.rst"),
        re.MULTILINE,
    )
    assert len(rows) == len(BALANCERS)
    cases = {case.cls: case for case in balancer_cases()}
    for name, column in rows:
        case = cases[BALANCERS[name]]
        balancer = case.balancer(2)
        flags = {
            "G": balancer.needs_gramian,
            "L": balancer.needs_losses,
            "p": balancer.takes_preference,
            "m": case.stateful,
            "r": case.random,
        }
        expected = [letter for letter, flag in flags.items() if flag]
        assert column.split() == expected, name


@each_registry
def test_registered_classes_are_public(module, page, registry):
    assert registry
    assert {cls.__name__ for cls in registry.values()} <= set(
        importlib.import_module(module).__all__
    )


def test_changelog_names_the_version():
    assert re.search(
        rf"(?<![\w.]){re.escape(skmo.__version__)}(?![\w.])", read("CHANGELOG.md")
    )


def test_extras():
    extras = config("setup.cfg")["options.extras_require"]
    for_users = {"plot", "pandas", "pareto", "tune", "onnx", "peers", "dask"}
    expected = for_users | {"ecosystem", "docs", "test", "dev"}
    assert set(extras) == expected


def test_min_environment_pins_the_floors():
    setup = config("setup.cfg")
    requirements = setup["options"]["install_requires"]
    for extra in ("plot", "pandas", "dask", "pareto", "tune", "test"):
        requirements += setup["options.extras_require"][extra]
    floors = re.findall(
        r"^([\w-]+)(?:\[[\w,]+\])?>=([\d.]+)$", requirements, re.MULTILINE
    )
    pins = re.findall(
        r"^([\w-]+)==([\d.]+)$", config("tox.ini")["testenv:min"]["deps"], re.MULTILINE
    )
    assert sorted(pins) == sorted(floors)


def test_readme_commands_are_run_by_ci():
    # Lines of the README's console blocks that set up an environment.
    commands = re.findall(r"^\$? ?(python3 -m venv .*)$", read("README.md"), re.M)
    assert any(command.endswith("pytest") for command in commands)
    assert any(command.endswith("skmo demo") for command in commands)
    script = read(".ci", "run")
    assert [command for command in commands if command not in script] == []


def imports(path: Path) -> set[str]:
    """Absolute names of the modules a file imports, at any depth of its code."""
    package = [*path.relative_to(ROOT).parent.parts]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parents = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*parents, *filter(None, [node.module])])
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def within(name: str, *packages: str) -> bool:
    return any(
        name == package or name.startswith(f"{package}.") for package in packages
    )


MODULES = {str(path.relative_to(ROOT)): path for path in sorted(PACKAGE.rglob("*.py"))}


def test_only_the_tree_module_imports_lightgbm():
    users = {
        name
        for name, path in MODULES.items()
        if any(within(module, "lightgbm") for module in imports(path))
    }
    assert users == {str(Path("skmo", "boosting", "_tree.py"))}


@pytest.mark.parametrize(
    ("package", "allowed"),
    [
        ("objectives", {"skmo.objectives"}),
        ("balancing", {"skmo.balancing"}),
        ("boosting", {"skmo.boosting", "skmo.objectives", "skmo.balancing"}),
    ],
)
def test_dependencies_point_one_way(package, allowed):
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in sorted((PACKAGE / package).rglob("*.py"))
        for module in sorted(imports(path))
        if within(module, "skmo")
        and module != "skmo"
        # Private modules of the top level (names, validation) serve everybody.
        and not module.startswith("skmo._")
        and not within(module, *allowed)
    ]
    assert wrong == []


OPTIONAL = (
    "dask",
    "distributed",
    "pandas",
    "matplotlib",
    "polars",
    "pyarrow",
    "moocore",
    "optuna",
    "catboost",
    "xgboost",
    "onnx",
    "skl2onnx",
    "shap",
    "skops",
    "mlflow",
    "treelite",
    "rich",
)


# A package of its own for those who have Dask, and with it pandas.
WITH_DASK = str(Path("skmo", "dask", ""))


@pytest.mark.parametrize("name", [n for n in MODULES if not n.startswith(WITH_DASK)])
def test_optional_libraries_are_imported_where_they_are_used(name):
    body = ast.parse(MODULES[name].read_text(encoding="utf-8")).body
    top = {
        module
        for node in body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
        )
    }
    assert not [module for module in top if within(module, *OPTIONAL)]


def test_works_without_the_optional_libraries():
    code = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {OPTIONAL}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
import {", ".join(name for name in PUBLIC_MODULES if name != "skmo.dask")}
try:
    import skmo.dask
except ImportError as error:
    assert "skmo[dask]" in str(error)
from skmo.datasets import make_feed
X, Y = make_feed(200, random_state=0)
model = skmo.MultiObjectiveEstimator(n_estimators=2, random_state=0).fit(X, Y)
print(model.predict(X).shape)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "(200, 3)\n"


def test_types_are_marked_as_shipped():
    assert (PACKAGE / "py.typed").exists()
    data = config("setup.cfg")["options.package_data"]
    assert "py.typed" in data["skmo"]


PAGES = ROOT / "docs" / "user_guide" / "balancers"


def balancer_page(name: str) -> str:
    return read("docs", "user_guide", "balancers", f"{name}.rst")


def properties_of_page(name: str) -> dict[str, str]:
    """Row -> cell of the table under Properties, each in one line."""
    text = re.search(
        r"^Properties\n-+\n(.*?)^When\n-+\n", balancer_page(name), re.DOTALL | re.M
    )[1]
    rows = re.findall(r"^   \* - (.+)\n     -(.*(?:\n       .*)*)$", text, re.M)
    return {row: " ".join(cell.split()) for row, cell in rows}


def test_every_balancer_has_a_page_that_is_linked():
    assert sorted(path.stem for path in PAGES.iterdir()) == sorted(BALANCERS)
    guide = read("docs", "user_guide", "balancing.rst")
    assert re.findall(r"^   balancers/(\w+)$", guide, re.M) == list(BALANCERS)
    # In the table, from each row to its own page.
    rows = re.findall(
        r"^   \* - ``(\w+)``\n     - :class:.*\n     -.*\n     -(.*(?:\n       .*)*)$",
        guide,
        re.M,
    )
    assert [name for name, _ in rows] == list(BALANCERS)
    assert [n for n, idea in rows if f":doc:`More <balancers/{n}>`" not in idea] == []


@pytest.mark.parametrize("name", BALANCERS)
def test_page_of_a_balancer_has_all_parts(name):
    text = balancer_page(name)
    headings = re.findall(r"^(.+)\n(=+|-+)$", text, re.M)
    assert [len(heading) for heading, _ in headings] == [len(u) for _, u in headings]
    title, *sections = (heading for heading, _ in headings)
    assert title.endswith(f": ``{name}``")
    assert sections == ["Idea", "Formula", "Properties", "When", "Example", "Source"]
    cls = BALANCERS[name].__name__
    assert f":class:`~skmo.balancing.{cls}`" in text
    assert re.search(rf"^(?:>>>|\.\.\.) .*\b{cls}\(", text, re.M)
    assert ".. math::" in text
    assert ".. seealso::" in text
    neighbours = re.findall(r":doc:`[^`]*<(\w+)>`", text)
    assert set(neighbours) <= set(BALANCERS) - {name}
    # A picture of this method, or what stands in for one.
    drawn = "draw_labels()" if name == "label_aggregation" else f'draw("{name}")'
    assert re.search(rf"^   {re.escape(drawn)}$", text, re.M)


@pytest.mark.parametrize("name", BALANCERS)
def test_page_of_a_balancer_says_what_the_tests_check(name):
    """Its properties are the flags of the class and the claims of its case."""
    (case,) = (case for case in balancer_cases() if case.cls is BALANCERS[name])
    balancer = case.balancer(2)
    page = properties_of_page(name)
    assert list(page) == [
        "Reads",
        "Weights",
        "Free of units",
        "All gradients twice as long",
        "Harms nobody",
        "Pareto points",
        "Remembers",
        "Scores of their own",
        "Cost",
    ]
    table = re.search(
        rf"^   \* - ``{name}``\n     - :class:.*\n     -(.*)$",
        read("docs", "user_guide", "balancing.rst"),
        re.M,
    )
    assert page["Reads"].split() == table[1].split()
    convex = page["Weights"].startswith("at least 0, sum to 1")
    assert convex == ("convex" in case.properties)
    assert ("may be negative" in page["Weights"]) == (not balancer.nonnegative)
    for row, claim in (
        ("Free of units", "unit_free"),
        ("Harms nobody", "non_conflicting"),
    ):
        word = "yes" if claim in case.properties else "no"
        assert re.match(rf"{word}\b", page[row]), row
    scaled = {0.0: "weights stay", -0.5: "weights halve"}[case.scale_power]
    assert page["All gradients twice as long"].startswith(scaled)
    assert page["Remembers"].startswith("nothing") == (not case.stateful)
    effect = {
        "all": "none" if balancer.draws_labels else "yes",
        "gradients": "from three objectives on",
        "conflict": 'only with ``structure="sum"``',
        "lengths": "none",
    }
    assert page["Scores of their own"].startswith(effect[balancer.acts_on])


def csv_rows(*parts: str) -> dict[str, dict[str, str]]:
    """Of a benchmark's table: name of a balancer -> its row."""
    rows = csv.DictReader(read("docs", "benchmarks", "balancing", *parts).splitlines())
    return {
        row["balancer"].strip("`"): row
        for row in rows
        if re.fullmatch(r"``\w+``", row["balancer"])
    }


def test_pages_of_balancers_cite_what_was_measured():
    """The mean score and the count of sets; times to about a factor of 1.5."""
    measured = csv_rows("overall.csv")
    assert set(measured) <= set(BALANCERS)
    for name, row in measured.items():
        when = balancer_page(name).split("\nWhen\n")[1].split("\nExample\n")[0]
        words = " ".join(when.split())
        assert row["mean"].lstrip("0") in words, name
        if row["w/t/l"] != "–":
            won, tied, lost = row["w/t/l"].split("/")
            assert f"{won} won, {tied} tied and {lost} lost" in words, name
    timed = csv_rows("balancing_speed.csv")
    assert set(timed) <= set(BALANCERS)
    for name in BALANCERS:
        cost = properties_of_page(name)["Cost"]
        if name not in timed:
            assert cost.startswith("not timed"), name
            continue
        few, many = re.match(
            r"about ([\d.]+) ms for 2 objectives, ([\d.]+) for 100\b", cost
        ).groups()
        for cited, found in ((few, "K = 2"), (many, "K = 100")):
            assert 1 / 1.5 < float(cited) / float(timed[name][found]) < 1.5, name


def calls_of(name: str) -> list[ast.Call]:
    """Calls in a module, by the names the code uses."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


# They speak to the user: reports, progress on request, the commands.
TALKERS = ("cli", "callbacks", "comparison")


@pytest.mark.parametrize("name", MODULES)
def test_nothing_prints_but_what_is_asked_to(name):
    prints = [call for call in calls_of(name) if ast.unparse(call.func) == "print"]
    if prints and Path(name).parts[1] not in TALKERS:
        assert "verbose" in MODULES[name].read_text(encoding="utf-8"), name


# The cluster's client repeats what its workers warned of.
REPEATS = {str(Path("skmo", "exceptions.py")), str(Path("skmo", "dask", "_fit.py"))}


@pytest.mark.parametrize("name", [name for name in MODULES if name not in REPEATS])
def test_warnings_are_of_classes_that_can_be_caught(name):
    """skmo's own, or scikit-learn's for the same thing; none is a bare UserWarning."""
    known = {*vars(importlib.import_module("skmo.exceptions"))}
    known |= {"UndefinedMetricWarning", "DataConversionWarning", "FitFailedWarning"}
    for call in calls_of(name):
        if ast.unparse(call.func) in ("warnings.warn", "warn_user"):
            given = call.args[1:2] + [
                k.value for k in call.keywords if k.arg == "category"
            ]
            assert given, f"{name}:{call.lineno} warns of no class"
            assert ast.unparse(given[0]).split(".")[-1] in known, (
                f"{name}:{call.lineno}"
            )

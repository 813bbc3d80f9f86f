"""The parts of the project agree: code, registries, documentation, packaging."""

from __future__ import annotations

import ast
import configparser
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

"""Every error of skmo is caused once, and says what to know of it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from sklearn.utils._param_validation import InvalidParameterError

from .case import Case, Site, all_sites, sites_of

# Each table has
#     COVERS: the folders of skmo (or modules beside them) whose errors it causes,
#     CASES: {name: case},
#     ELSEWHERE: {(file, function): why} of those it cannot cause here.
TABLES: dict[str, ModuleType] = {
    path.stem.removeprefix("table_"): import_module(f"tests.errors.{path.stem}")
    for path in sorted(Path(__file__).parent.glob("table_*.py"))
}
CASES = {
    f"{table}-{name}": case
    for table, module in TABLES.items()
    for name, case in module.CASES.items()
}


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    """Cases name files and folders as they like."""
    monkeypatch.chdir(tmp_path)


def caused(case: Case) -> BaseException:
    with pytest.raises(case.error) as caught:
        case.call()
    if case.error is not ValueError or caught.type is not InvalidParameterError:
        assert caught.type is case.error
    return caught.value


@pytest.mark.parametrize("name", CASES)
def test_says_the_parameter_the_value_and_the_remedy(name):
    case = CASES[name]
    message = str(caused(case))
    passages = [p for p in (case.parameter, case.value, case.remedy) if p is not None]
    assert passages, "nothing is looked for"
    assert len(set(passages)) == len(passages), "one passage for two things"
    for passage in passages:
        assert passage in message, message


def covered_by(table: ModuleType) -> set[Site]:
    return {site for site in all_sites() if site.file.split("/")[0] in table.COVERS}


@pytest.mark.parametrize("table", TABLES)
def test_every_error_has_a_case(table, tmp_path, monkeypatch):
    reached: set[Site] = set()
    for place, case in enumerate(TABLES[table].CASES.values()):
        # Files of one case must not meet those of another.
        folder = tmp_path / str(place)
        folder.mkdir()
        monkeypatch.chdir(folder)
        reached |= sites_of(caused(case))
    elsewhere = TABLES[table].ELSEWHERE
    missing = {
        str(site)
        for site in covered_by(TABLES[table]) - reached
        if (site.file, site.function) not in elsewhere
    }
    assert not missing, "no case for:\n" + "\n".join(sorted(missing))


@pytest.mark.parametrize("table", TABLES)
def test_errors_left_out_exist(table):
    known = {(site.file, site.function) for site in covered_by(TABLES[table])}
    assert known >= set(TABLES[table].ELSEWHERE)
    assert all(len(why) > 10 for why in TABLES[table].ELSEWHERE.values())


def test_the_tables_cover_all_of_skmo():
    covered = set().union(*(covered_by(table) for table in TABLES.values()))
    missing = {site.file for site in all_sites() - covered}
    assert not missing

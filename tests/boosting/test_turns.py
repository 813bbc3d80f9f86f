"""Who may call side by side, and who waits."""

from __future__ import annotations

import os
import threading

import pytest

from skmo.boosting._turns import ModelTurns, Turns


def start(turns, kind, log, go):
    """A thread that takes a turn, notes it, and keeps it until told to go."""
    begun = threading.Event()

    def call():
        with turns.taken(kind) as granted:
            log.append(granted)
            begun.set()
            assert go.wait(30)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread, begun


def test_calls_that_join_run_side_by_side():
    turns, log, go = Turns(lambda running, more: running <= more), [], threading.Event()
    first, begun = start(turns, 2, log, go)
    assert begun.wait(30)
    second, begun = start(turns, 4, log, go)
    assert begun.wait(30)  # while the first still runs
    go.set()
    first.join(30)
    second.join(30)
    assert log == [2, 2]


def test_another_kind_waits_and_whoever_comes_later_waits_behind_it():
    turns, log = Turns(lambda running, other: running == other), []
    go_first, go_rest = threading.Event(), threading.Event()
    first, begun = start(turns, "a", log, go_first)
    assert begun.wait(30)
    second, second_begun = start(turns, "b", log, go_rest)
    while not turns._waiting:
        pass
    third, third_begun = start(turns, "a", log, go_rest)
    assert not second_begun.wait(0.05)
    assert not third_begun.wait(0.05)
    go_first.set()
    assert second_begun.wait(30)
    assert not third_begun.is_set()
    go_rest.set()
    for thread in (first, second, third):
        thread.join(30)
    assert log == ["a", "b", "a"]


def test_an_exception_gives_the_turn_back():
    turns = ModelTurns()
    with pytest.raises(KeyboardInterrupt), turns.taken(False, 2):
        raise KeyboardInterrupt
    with turns.taken(True, 3) as granted:
        assert granted == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_does_not_wait_for_the_threads_of_its_parent():
    turns, go = Turns(lambda running, other: False), threading.Event()
    thread, begun = start(turns, 1, [], go)
    assert begun.wait(30)
    child = os.fork()
    if child == 0:
        with turns.taken(2) as granted:
            os._exit(granted)  # without pytest's end
    _, status = os.waitpid(child, 0)
    go.set()
    thread.join(30)
    assert os.waitstatus_to_exitcode(status) == 2

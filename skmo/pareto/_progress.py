"""Jobs in parallel, with results kept and progress shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sklearn.utils.parallel import Parallel, delayed

from ._cache import ResultStore


class Job(NamedTuple):
    """A call whose result may be kept under a key."""

    key: str | None
    function: Callable[..., Any]
    arguments: tuple


def run_jobs(
    jobs: Sequence[Job],
    store: ResultStore,
    *,
    n_jobs: int | None,
    verbose: int,
    title: str,
) -> list:
    """The jobs' results in order; those that raise nothing are kept as they end."""
    with _Progress(len(jobs), title, shown=verbose > 0) as progress:
        return _CountingParallel(n_jobs, progress.reach)(
            delayed(_run)(store, job) for job in jobs
        )


def _run(store: ResultStore, job: Job) -> Any:
    result = job.function(*job.arguments)
    if getattr(result, "error", None) is None:
        store.save(job.key, result)
    return result


class _CountingParallel(Parallel):
    """scikit-learn's, which hands on its configuration, telling how many are done."""

    def __init__(self, n_jobs: int | None, reach: Callable[[int], None]):
        super().__init__(n_jobs=n_jobs)
        self._reach = reach

    # joblib calls this when tasks are done, in all versions supported: its generators
    # of results, which would tell too, are newer.
    def print_progress(self) -> None:
        self._reach(self.n_completed_tasks)


class _Progress:
    """tqdm's bar where it is installed, else ten lines."""

    def __init__(self, total: int, title: str, *, shown: bool):
        self._total, self._title = total, title
        self._shown = shown and total > 0
        self._done = 0
        self._bar = None

    def __enter__(self) -> _Progress:
        if self._shown:
            try:
                from tqdm import tqdm
            except ImportError:
                return self
            self._bar = tqdm(total=self._total, desc=self._title)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def reach(self, done: int) -> None:
        """Show that so many jobs are done; fewer than before are no news."""
        step, before = done - self._done, self._done
        if not self._shown or step <= 0:
            return
        self._done = done
        if self._bar is not None:
            self._bar.update(step)
        elif done == self._total or 10 * done // self._total > (
            10 * before // self._total
        ):
            print(f"{self._title}: {done}/{self._total}", flush=True)

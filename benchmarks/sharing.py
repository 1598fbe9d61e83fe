"""Pages shared out to several processes, each on one thread, as the product's workers are."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

import cv2
from rich.progress import track

Given = TypeVar("Given")
Made = TypeVar("Made")


def shared_out(task: Callable[[Given], Made], given: Iterable[Given], jobs: int, title: str) -> Iterator[Made]:
    """The task done for each of these, in their order; ``task`` must be such that it can be sent to a process."""
    work = list(given)
    shown = sys.stderr.isatty()
    one_thread()
    if jobs == 1:
        yield from track(map(task, work), title, total=len(work), disable=not shown)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=one_thread) as crew:
        yield from track(crew.map(task, work), title, total=len(work), disable=not shown)


def one_thread() -> None:
    """Make the libraries of this process use one thread each."""
    os.environ["OMP_THREAD_LIMIT"] = "1"  # Tesseract as a program
    cv2.setNumThreads(1)

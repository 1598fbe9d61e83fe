"""Files of the scan folder are checked while they have to stand still, so that they can be taken as soon as they have.

What comes of it counts for the very bytes that were checked, and only that they are whole: whatever else is found is
looked for again in its time, and told then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Final

from database.engine import transaction
from documents import sightings
from documents.folder_files import FileSort, Seen
from documents.originals import hash_file
from documents.sightings import Known
from environment.settings import get_settings

_LARGEST: Final = 20 * 1024**2
"""Bytes of a file that is worth it: each such check reads a file twice more."""


class EarlyChecks:
    """What is known of files that are not taken yet, in this process."""

    def __init__(self) -> None:
        self._found = dict[Seen, str | None]()
        """Digests of what was found whole, None for what was not."""

    def is_whole(self, seen: Seen) -> bool:
        """Whether it was checked as it is now, byte by byte, and found whole; asked once, when it is taken."""
        digest = self._found.pop(seen, None)
        return digest is not None and hash_file(seen.path) == digest

    def make(self, arriving: Sequence[Known], check: Callable[[Path], object], going_on: Callable[[], bool]) -> None:
        """Check those that were not checked yet, for as long as it is ``going_on``.

        Until a check ends it counts as a look at the file that came to no end: what ends the program is not checked
        early again.
        """
        known = {each.seen for each in arriving}
        self._found = {seen: digest for seen, digest in self._found.items() if seen in known}
        fresh = [each for each in arriving if _worth_it(each) and each.seen not in self._found]
        if not fresh or not going_on():
            return
        with transaction() as session:
            sightings.count_early(session, fresh, begun=True)
        self._make_all(fresh, check, going_on)
        with transaction() as session:
            sightings.count_early(session, fresh, begun=False)

    def _make_all(self, fresh: Sequence[Known], check: Callable[[Path], object], going_on: Callable[[], bool]) -> None:
        most, running = get_settings().readers, set[Future[None]]()
        with ThreadPoolExecutor(most, "early checks") as lanes:
            for each in fresh:
                if not going_on():
                    break
                running.add(lanes.submit(self._make, each.seen, check))
                if len(running) >= most:
                    ended, running = wait(running, return_when=FIRST_COMPLETED)
                    for one in ended:
                        one.result()
            for one in running:
                one.result()

    def _make(self, seen: Seen, check: Callable[[Path], object]) -> None:
        self._found[seen] = None
        try:
            before = hash_file(seen.path)
            if seen.unchanged and check(seen.path) is not False and hash_file(seen.path) == before and seen.unchanged:
                self._found[seen] = before
        except Exception:  # whatever it is, it is met again by the check in its time
            return


def _worth_it(known: Known) -> bool:
    return known.attempts == 0 and known.seen.sort is FileSort.FILE and known.seen.size <= _LARGEST

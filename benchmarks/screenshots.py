"""A picture of every page, on a phone and on a wide screen.

``python -m benchmarks.screenshots FOLDER [PART OF A NAME]`` fills a throw-away database for it; ``index.html`` in the
folder shows all pictures.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from html import escape
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.live import PHONE, WIDE, chromium, opened, serving, throw_away_home
from benchmarks.stops import Stop
from benchmarks.tour import cookies_of, prepared


def take(browser: Browser, site: str, stops: Sequence[Stop], folder: Path) -> list[Path]:
    """One PNG a stop and width."""
    taken = []
    for stop in stops:
        for size in (PHONE, WIDE):
            with opened(browser, site, size, cookies_of(stop)) as page:
                page.goto(stop.address)
                if stop.act is not None:
                    stop.act(page)
                page.wait_for_load_state("networkidle")
                path = folder / f"{stop.name}-{size[0]}.png"
                page.screenshot(path=path, full_page=True)
                taken.append(path)
    return taken


def index(stops: Sequence[Stop]) -> str:
    """A page of all pictures, the small beside the wide."""
    shown = "".join(
        f"<h2>{escape(stop.name)} <code>{escape(stop.route)}</code></h2>"
        + "".join(f'<img src="{stop.name}-{width}.png" width="{width}" loading="lazy"> ' for width, _ in (PHONE, WIDE))
        for stop in stops
    )
    return f'<!doctype html><meta charset="utf-8"><title>eBOK</title><body style="background: #ccc">{shown}'


def main() -> None:
    """Take them all, or those whose name holds the given part."""
    folder, part = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    with throw_away_home():
        stops = [stop for stop in prepared() if part in stop.name]
        with serving() as site, chromium() as browser:
            taken = take(browser, site, stops, folder)
    (folder / "index.html").write_text(index(stops), encoding="utf-8")
    print(f"{len(taken)} pictures of {len(stops)} pages: {folder / 'index.html'}")


if __name__ == "__main__":
    main()

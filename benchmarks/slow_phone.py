"""When a page of the customers first shows something on a slow phone: ``python -m benchmarks.slow_phone``.

Each page is opened once with nothing kept in the browser, as the developer tools of Chromium slow it down: every answer
waits 400 ms and comes with 50 KB a second, and a processor that works at a quarter of this machine's speed. What counts
is the first contentful paint (W3C, Paint Timing), from the start of the navigation. A new connection is not slowed down
by these tools: over such a line its handshakes (TCP, TLS) would take 0.8 s more on the first page of a visit.
"""

from __future__ import annotations

import os
import platform
import statistics
import warnings
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser

from benchmarks.live import PHONE, chromium, opened, serving, throw_away_home
from benchmarks.scoring import table
from benchmarks.sections import put_section
from benchmarks.stops import Stop
from benchmarks.tour import cookies_of, prepared
from environment import clock

GOAL_MS: Final = 2_000
LATENCY_MS: Final = 400
BYTES_A_SECOND: Final = 50 * 1024
SLOWER: Final = 4
"""Times that the phone's processor is slower than this one."""
DOCUMENT: Final = Path("docs/benchmarks-pages.md")
_STAFF: Final = ("/biuro", "/ekipa", "/docs")
_PAINT: Final = """() => new Promise(told => new PerformanceObserver(list => {
    for (const entry of list.getEntriesByName('first-contentful-paint')) told(entry.startTime);
}).observe({type: 'paint', buffered: true}))"""
_WEIGHT: Final = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .reduce((sum, entry) => sum + entry.transferSize, 0)"""


def painted(browser: Browser, site: str, stop: Stop) -> tuple[float, int]:
    """Milliseconds until the first contentful paint, and the bytes that the whole page took."""
    with opened(browser, site, PHONE, cookies_of(stop)) as page:
        tools = page.context.new_cdp_session(page)
        tools.send("Network.enable")
        tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
        line = {"latency": LATENCY_MS, "downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND}
        tools.send("Network.emulateNetworkConditions", {"offline": False, **line})
        tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(stop.address, wait_until="load")
        return page.evaluate(_PAINT), page.evaluate(_WEIGHT)


def main() -> None:
    """Open them all and write the section."""
    warnings.simplefilter("ignore")
    with throw_away_home():
        stops = [stop for stop in prepared() if not stop.address.startswith(_STAFF)]
        with serving() as site, chromium() as browser:
            painted(browser, site, stops[0])  # what the server does once
            found = {stop.name: painted(browser, site, stop) for stop in stops}
    slowest = sorted(found.items(), key=lambda one: -one[1][0])
    late = sum(paint >= GOAL_MS for paint, _ in found.values())
    rows = [[name, f"{paint:.0f}", f"{weight / 1024:.0f}"] for name, (paint, weight) in slowest[:12]]
    told = (
        f"{clock.today()}, {os.cpu_count()} cores ({platform.machine()}), load {os.getloadavg()[0]:.1f} at the end. "
        f"{len(found)} pages, the slowest twelve:\n\n{table(['page', 'first paint ms', 'KB'], rows)}\n\n"
        f"Median {statistics.median_high(paint for paint, _ in found.values()):.0f} ms. "
        f"Goal: under {GOAL_MS} ms: {'met' if not late else f'missed by {late}'}.\n"
    )
    print(told)
    put_section(
        DOCUMENT, f"# Pages on a slow phone\n\n{(__doc__ or '').strip().replace('``', '`')}", "First paint", told
    )


if __name__ == "__main__":
    main()

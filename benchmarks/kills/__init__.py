"""The way of a document, killed everywhere: what must hold however a process of ours ends."""

SCENARIOS = ("kills", "locked", "stopped", "full", "read-only", "vanished", "clock", "second-up")
"""What befalls a whole installation (``benchmarks.kills.fire``)."""

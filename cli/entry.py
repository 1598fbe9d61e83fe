"""Where the command `ebok` begins. Each process that reads files imports this module anew, so it is light to import."""

from __future__ import annotations


def main() -> None:
    """Run the command of this process."""
    from cli.main import main as run  # noqa: PLC0415

    run()

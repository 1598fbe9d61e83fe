"""Arguments and options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Wynik jako JSON na standardowym wyjściu.")]
CustomerNumber = Annotated[str, typer.Argument(metavar="NUMBER", help="Numer klienta.")]
Tracking = Annotated[str, typer.Argument(metavar="TRACKING", help="Numer sprawy, na przykład K7M4-PX9A.")]

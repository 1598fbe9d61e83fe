"""The run that delivers invoices: e-mails into the outbox, all others into a run of the printer."""

from __future__ import annotations

import asyncio

from prefect import flow
from prefect.client.schemas.objects import State as RunState
from prefect.states import Completed, Failed

from billing.dispatching import decide
from billing.printing import print_due
from confirmations.channels.interface import ClosedChannelError
from environment.settings import get_settings
from flows import names


@flow(name=names.INVOICES, flow_run_name=names.told_from(names.INVOICES))
async def deliver_invoices() -> RunState[dict[str, int]]:
    """Deliver what billing has told since the last run; who gets what is in no artifact."""
    if get_settings().invoice_delivery_from is None:
        told = "Nie ustawiono, od kiedy eBOK dostarcza faktury (EBOK_INVOICE_DELIVERY_FROM)."
        return Completed(name=names.ENDED, message=told, data={})
    new = await asyncio.to_thread(decide)
    try:
        printed = await asyncio.to_thread(print_due, "workflow engine")
    except ClosedChannelError as fault:
        return Failed(message=f"{fault.message} Faktury do druku czekają na następny przebieg.")
    runs = ", ".join(f"nr {run.number} (faktur: {run.invoices}, bez PDF: {run.pictures_missing})" for run in printed)
    told = f"Faktur do wysłania e-mailem: {new.emails}. Wydruki: {runs or 'nie ma nowych'}."
    counts = {"emails": new.emails, "printed": sum(run.invoices for run in printed)}
    return Completed(name=names.ENDED, message=told, data=counts)

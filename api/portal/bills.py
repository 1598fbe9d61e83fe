"""Invoices of an account: the list, one of them with its picture, and how to pay."""

from __future__ import annotations

from datetime import date
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from api.downloads import PDF_HEADERS
from api.portal.access import Seeing, SignedIn, offer_other
from api.portal.addresses import BILL, BILLS, PAY
from api.portal.frame import account_page
from api.problems import ApiProblem
from api.qr_code import qr_code
from billing.statement import Invoice
from database.engine import Session, reading
from documents.originals import OriginalError, chunks_of
from environment.clock import today
from portal.bills import Bill, Bills, BillState, bills_of, chosen, own_bill
from portal.transfer import transfer_for
from portal.views import Permission, View

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

STATES: Final = {
    BillState.PAID: "zapłacona",
    BillState.DUE: "do zapłaty",
    BillState.OVERDUE: "po terminie",
    BillState.CORRECTION: "korekta",
    BillState.EARLIER: "sprzed naszych danych",
}
_TO_PAY: Final = "do-zaplaty"
_NONE: Final = "Nie ma na tym koncie faktury o tym numerze."


@router.get(BILLS)
def show_all(request: Request, owner: Seeing, rok: str = "", stan: str = "") -> Response:
    """The invoices of sixty months, the newest first; of one year, or only what is to be paid, where asked for."""
    day = today()
    bills = _bills(owner.customer_no, day)
    kept = bills.of_sixty_months(day)
    years = sorted({one.row["issued_on"].year for one in kept}, reverse=True)
    year = int(rok) if rok in map(str, years) else None
    return account_page(
        request,
        owner,
        "portal/bills.html",
        bills=bills,
        shown=chosen(kept, year=year, to_pay=stan == _TO_PAY),
        known=bool(kept),
        years=years,
        year=year,
        to_pay=stan == _TO_PAY,
        states=STATES,
    )


@router.get(BILL)
def show_one(request: Request, owner: Seeing, nr: str = "") -> Response:
    """One invoice with its positions."""
    bills = _bills(owner.customer_no, today())
    bill, invoice = _own(request, owner, bills, nr)
    link = bill.row["ksef_link"]
    return account_page(
        request,
        owner,
        "portal/bill.html",
        ksef_code=qr_code(link) if link else None,
        bill=bill,
        invoice=invoice,
        states=STATES,
        payable=transfer_for(bills, owner.customer_no, bill) is not None,
    )


@router.get(f"{BILL}.pdf")
def give_picture(request: Request, owner: Seeing, nr: str = "") -> Response:
    """The picture of an invoice."""
    bill, _ = _own(request, owner, _bills(owner.customer_no, today()), nr)
    return picture_of(bill)


def picture_of(bill: Bill) -> Response:
    """The file that billing made of it; ApiProblem 404 where there is none."""
    try:
        if bill.row["pdf_sha256"] is None:
            raise OriginalError("billing gave no picture")
        content = b"".join(chunks_of(bill.row["pdf_sha256"]))
    except OriginalError as error:
        raise ApiProblem(404, "Nie mamy pliku tej faktury. Zadzwoń do nas, a go wyślemy.") from error
    name = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in bill.row["invoice_no"])
    own = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return Response(content, media_type="application/pdf", headers=PDF_HEADERS | own)


@router.get(PAY)
def how_to_pay(request: Request, owner: Seeing, nr: str = "") -> Response:
    """Account, amount, title and the QR code of a transfer: for one invoice, or for all that is owed."""
    bills = _bills(owner.customer_no, today())
    bill = None
    if nr:
        bill, _ = _own(request, owner, bills, nr)
    transfer = transfer_for(bills, owner.customer_no, bill)
    code = transfer.code if transfer else None
    return account_page(
        request,
        owner,
        "portal/pay.html",
        bills=bills,
        bill=bill,
        transfer=transfer,
        code=qr_code(code, level="L") if code else None,
    )


def no_such_bill() -> ApiProblem:
    """The answer for an invoice of somebody else, as for one that nobody has."""
    return ApiProblem(404, _NONE, title="Nie ma takiej faktury")


def _bills(customer_no: str, day: date) -> Bills:
    with reading() as session:
        return bills_of(session, customer_no, day)


def _own(request: Request, owner: SignedIn, bills: Bills, invoice_no: str) -> tuple[Bill, Invoice]:
    """A bill of the number looked at with its positions; ApiProblem 404 for anybody else's as for none."""
    with reading() as session:
        found = own_bill(session, bills, owner.customer_no, invoice_no)
    if found is None:
        day = today()

        def has(session: Session, view: View) -> bool:
            return own_bill(session, bills_of(session, view.customer_no, day), view.customer_no, invoice_no) is not None

        offer_other(request, owner, Permission.SEE, has)
        raise no_such_bill()
    return found

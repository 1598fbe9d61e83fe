"""The QR code of a transfer is what the banks' applications read, seen through a decoder."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from stdnum import iban

from api.qr_code import qr_code
from environment.settings import get_settings
from portal.bills import Bill, Bills, BillState
from portal.transfer import transfer_for

ACCOUNT = "41109010140000000030294429"


def bills(balance: str, account: str | None = ACCOUNT) -> Bills:
    return Bills((), Decimal(balance), Decimal(0), None, account)


def picture(text: str) -> Image.Image:
    """The squares of our code as a scanner sees them: the path of the SVG drawn large."""
    code = qr_code(text, level="L")
    pixels = np.full((code.size, code.size), 255, dtype=np.uint8)
    for column, row in re.findall(r"M(\d+) (\d+)h1v1h-1z", code.path):
        pixels[int(row), int(column)] = 0
    return Image.fromarray(pixels).resize((code.size * 8, code.size * 8), Image.Resampling.NEAREST)


@pytest.mark.usefixtures("home")
def test_a_decoder_reads_the_nine_fields_of_the_banks_standard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EBOK_COMPANY_PAYEE", "Wodociągi Żółwia Łęg")
    monkeypatch.setenv("EBOK_COMPANY_NIP", "5261040828")
    get_settings.cache_clear()
    transfer = transfer_for(bills("128.40"), "30294429")
    assert transfer is not None
    assert transfer.code is not None
    (read,) = zxingcpp.read_barcodes(picture(transfer.code))
    assert read.format == zxingcpp.BarcodeFormat.QRCode
    assert read.ec_level == "L"
    fields = read.text.split("|")
    assert fields == ["5261040828", "PL", ACCOUNT, "012840", "Wodociągi Żółwia Łęg", "Nr klienta 30294429", "", "", ""]
    assert iban.validate(f"PL{fields[2]}")
    assert len(read.text) <= 160


@pytest.mark.usefixtures("home")
def test_one_invoice_is_paid_by_its_number_with_nothing_that_would_break_a_field() -> None:
    row = {"invoice_no": "FV|1/" + "9" * 40, "gross": Decimal(80), "due_on": date(2026, 12, 1)}
    transfer = transfer_for(bills("128.40"), "30294429", Bill(row, BillState.DUE, Decimal("7.05")))
    assert transfer is not None
    fields = (transfer.code or "").split("|")
    assert (fields[0], fields[3], fields[4]) == ("", "000705", "MZK Kostrzyn")
    assert fields[5] == ("FV 1/" + "9" * 40)[:32]
    assert len(fields) == 9
    assert transfer.spaced_account == "41 1090 1014 0000 0000 3029 4429"


@pytest.mark.usefixtures("home")
def test_there_is_no_code_for_what_it_cannot_hold_and_no_transfer_where_nothing_is_owed() -> None:
    large = transfer_for(bills("10000.00"), "1")
    assert large is not None
    assert large.code is None
    most = transfer_for(bills("9999.99"), "1")
    assert most is not None
    assert "|999999|" in (most.code or "")
    assert transfer_for(bills("0.00"), "1") is None
    assert transfer_for(bills("-5.00"), "1") is None
    assert transfer_for(bills("5.00", account=None), "1") is None

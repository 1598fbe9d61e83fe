"""Withdrawal of the acceptance of e-invoices; version 2.

It prints the newer note on data protection, and differs in nothing else.
"""

from dataclasses import replace

from forms.catalogue import einvoice_withdrawal

FORM = replace(einvoice_withdrawal.FORM, version="2", data_note=2)

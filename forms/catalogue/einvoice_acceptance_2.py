"""Acceptance of invoices in electronic form; version 2.

It prints the newer note on data protection, and differs in nothing else.
"""

from dataclasses import replace

from forms.catalogue import einvoice_acceptance

FORM = replace(einvoice_acceptance.FORM, version="2", data_note=2)

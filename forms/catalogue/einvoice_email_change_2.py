"""Change of the e-mail address to which e-invoices go; version 2.

It prints the newer note on data protection, and differs in nothing else.
"""

from dataclasses import replace

from forms.catalogue import einvoice_email_change

FORM = replace(einvoice_email_change.FORM, version="2", data_note=2)

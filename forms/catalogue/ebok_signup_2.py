"""Sign-up for an eBOK account; version 2.

It prints the newer note on data protection, and differs in nothing else.
"""

from dataclasses import replace

from forms.catalogue import ebok_signup

FORM = replace(ebok_signup.FORM, version="2", data_note=2)

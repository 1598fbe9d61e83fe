"""Collection of liquid waste from a holding tank; version 2.

It prints the newer note on data protection, and differs in nothing else.
"""

from dataclasses import replace

from forms.catalogue import tank_collection

FORM = replace(tank_collection.FORM, version="2", data_note=2)

"""Exchange, installation or sealing of a water meter; version 2.

It prints the newer note on data protection, and differs in nothing else.
"""

from dataclasses import replace

from forms.catalogue import meter_service

FORM = replace(meter_service.FORM, version="2", data_note=2)

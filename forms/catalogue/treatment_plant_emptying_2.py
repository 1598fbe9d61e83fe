"""Emptying of a household sewage treatment plant; version 2.

It prints the newer note on data protection, and differs in nothing else.
"""

from dataclasses import replace

from forms.catalogue import treatment_plant_emptying

FORM = replace(treatment_plant_emptying.FORM, version="2", data_note=2)

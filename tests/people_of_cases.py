"""What a person reads on the files of ``tests/cases``, by who filled them in. All are invented."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from forms.kinds import Value

CASES: Final = Path(__file__).parent / "cases"
CUSTOMER_LIST: Final = CASES / "import" / "customers-of-the-cases.csv"

SCIBOR: Final[dict[str, Value]] = {
    **{"customer_no": "53946464", "pesel": "05321934735", "nip": None, "name": "Dominik Andrzej Ścibor"},
    **{"street": "Kolejowa", "house": "63A", "flat": None, "postcode": "66-470", "town": "Kostrzyn nad Odrą"},
    **{"phone": "957391241", "email": "dominik_scibor@example.org", "accept_terms": True, "date_signed": "2026-11-23"},
}
ZUK: Final[dict[str, Value]] = {
    **{"customer_no": "30294429", "pesel": "77030259508", "nip": None, "name": "Mirosława Kozłowska-Żuk"},
    **{"street": None, "house": "126A", "flat": None, "postcode": "69-113", "town": "Chyrzyno"},
    **{"phone": "785648089", "email": "zuk89@example.com", "accept_terms": True, "date_signed": "2026-11-09"},
}
ROZANSKI: Final[dict[str, Value]] = {
    **{"customer_no": "44873449", "pesel": "62071914318", "nip": None, "name": "Krzysztof Dariusz Różański"},
    **{"street": "Słoneczna", "house": "94A", "flat": "2", "postcode": "66-470", "town": "Kostrzyn nad Odrą"},
    **{"phone": "606562596", "email": "krzysztof548@example.net", "accept_terms": True, "date_signed": "2026-11-22"},
}
WEGRZYN: Final[dict[str, Value]] = {
    **{"customer_no": "86898794", "pesel": "99032851458", "nip": None, "name": "Wiesław Węgrzyn"},
    **{"street": None, "house": "108", "flat": None, "postcode": "69-113", "town": "Żabice"},
    **{"phone": "798114346", "email": "w.wegrzyn@example.org", "accept_terms": True, "date_signed": "2026-11-17"},
}
LACZNY: Final[dict[str, Value]] = {
    **{"customer_no": "13621200", "pesel": "69111929138", "nip": None, "name": "Paweł Łączny"},
    **{"street": "Ogrodowa", "house": "33/1", "flat": None, "postcode": "69-113", "town": "Górzyca"},
    **{"phone": "501952749", "email": "pawel.laczny@example.net", "accept_terms": True, "date_signed": "2026-11-16"},
}
PAZDZIOCH: Final[dict[str, Value]] = {
    **{"customer_no": "65233690", "pesel": "00242785136", "nip": None, "name": "Stanisław Paździoch"},
    **{"street": "Fabryczna", "house": "25C", "flat": "37", "postcode": "66-470", "town": "Kostrzyn nad Odrą"},
    **{"phone": "604618070", "email": "stanislaw-pazdzioch@example.net", "accept_terms": True},
    "date_signed": "2026-11-27",
}
DREWTECH: Final[dict[str, Value]] = {
    **{"customer_no": "23857685", "pesel": None, "nip": "5994669491", "name": "Drewtech S.A."},
    **{"street": "Gorzowska", "house": "39/2", "flat": None, "postcode": "69-113", "town": "Górzyca"},
    **{"phone": "693138186", "email": "drewtech61@example.com", "accept_terms": True, "date_signed": "2026-11-16"},
}

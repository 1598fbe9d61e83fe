from benchmarks.label_patterns import values_in
from forms.catalogue import form_by_code

FORM = form_by_code("ebok_signup")
PAGE = """Zgłoszenie do eBOK
1. Kim jesteś
Numer klienta PESEL NIP
Jest na każdej fakturze. Dla osoby fizycznej. Dla firmy.
|8|7|5|3|7|6|8|0| 4 4 0 5 1 4 0 1 3 5 9
Imię i nazwisko albo nazwa firmy
J A N
JAN KOWALSKI
2. Adres
Ulica Pozostaw puste, jeśli miejscowość nie ma ulic. Nr domu Nr lokalu
LEŚNA 12A 5
Kod pocztowy Miejscowość
66-470 KOSTRZYN
Telefon komórkowy Konieczny do SMS. Adres e-mail (będzie loginem)
602 115 701 jan.kowalski@wp.pl
Data podpisania Dzień, miesiąc, rok. Czytelny podpis
12 . 06 . 2025
"""


def test_values_are_found_below_their_labels():
    found = values_in(PAGE, FORM)
    assert found["customer_no"] == "87537680"
    assert found["pesel"] == "44051401359"
    assert (found["street"], found["house"], found["flat"]) == ("LEŚNA", "12A", "5")
    assert found["postcode"] == "66-470"
    assert (found["phone"], found["email"]) == ("602115701", "jan.kowalski@wp.pl")
    assert found["date_signed"] == "2025-06-12"


def test_nothing_is_found_without_labels():
    assert values_in("602 115 701 jan.kowalski@wp.pl 66-470", FORM) == {}

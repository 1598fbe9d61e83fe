"""Whom a paper may come from: who is found, what is said for him, and who comes first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from customers.records import CustomerRecord
from database.engine import transaction
from forms.submission import FieldValue, Source, Submission
from review.candidates import SHOWN, Candidate, candidates
from tests.customers import samples
from tests.customers.samples import FIRM, JAN, acceptance

pytestmark = pytest.mark.usefixtures("sqlite_database")

NOBODY = {
    "customer_no": None, "name": None, "pesel": None, "nip": None, "street": None, "house": None, "flat": None,
    "postcode": None, "town": None,
}  # fmt: skip
PLACE = {"street": JAN.street, "house": JAN.house, "flat": JAN.flat, "postcode": JAN.postcode, "town": JAN.town}


def written(**values: str | None) -> Submission:
    """A paper on which nothing else can be read."""
    given = acceptance()
    fields = {name: FieldValue(value, source=Source.PRINT) for name, value in {**NOBODY, **values}.items()}
    return Submission(given.form, {**given.fields, **fields}, paper=True)


def found(but: str | None = None, **values: str | None) -> tuple[Candidate, ...]:
    with transaction() as session:
        return candidates(session, written(**values), but=but)


@pytest.mark.parametrize(
    ("values", "reasons"),
    [
        ({"customer_no": "10000001"}, ("ten sam numer",)),
        ({"pesel": JAN.pesel}, ("ten sam PESEL",)),
        ({"name": "WÓJCIK Żaneta"}, ("ta sama nazwa",)),
        (PLACE, ("ten sam adres",)),
        ({"customer_no": "10000011", "name": "Żaneta Wojcik"}, ("numer różni się jednym znakiem", "ta sama nazwa")),
        ({"pesel": JAN.pesel, "name": "Żaneta Wójcicka"}, ("ten sam PESEL", "podobna nazwa")),
        ({"pesel": JAN.pesel, "name": "Ewa Kot", **PLACE, "house": "13"}, ("ten sam PESEL", "podobny adres")),
        ({"customer_no": "20000001", "pesel": JAN.pesel}, ("numer różni się jednym znakiem", "ten sam PESEL")),
        ({"customer_no": "22000001", "pesel": JAN.pesel}, ("ten sam PESEL",)),
        ({"customer_no": "10000001", **PLACE}, ("ten sam numer", "ten sam adres")),
    ],
)
def test_each_key_finds_the_customer_and_is_told(values: dict[str, str], reasons: tuple[str, ...]) -> None:
    samples.register(JAN, replace(FIRM, customer_no="55555555"))
    (one,) = found(**values)
    assert (one.customer_no, one.name, one.reasons) == (JAN.customer_no, JAN.name, reasons)
    assert one.address == "ul. Adama Mickiewicza 12/3, 66-470 Kostrzyn nad Odrą"
    assert found(but=JAN.customer_no, **values) == ()


def test_a_firm_is_found_by_its_nip_and_a_place_without_streets_by_its_town() -> None:
    village = CustomerRecord("30000003", "Jan Lis", house="7", postcode="66-471", town="Drzewice")
    samples.register(FIRM, village, CustomerRecord("40000004", "Ewa Kot"))
    assert [(one.customer_no, one.reasons) for one in found(nip=FIRM.nip)] == [(FIRM.customer_no, ("ten sam NIP",))]
    (one,) = found(town="Drzewice", house="7", postcode="66-471")
    assert (one.customer_no, one.address) == ("30000003", "Drzewice 7, 66-471 Drzewice")
    assert [one.address for one in found(name="Ewa Kot")] == [""]


@pytest.mark.parametrize("values", [{}, {"street": "Wodna"}, {"customer_no": "99999999"}, {"name": "Kto Inny"}])
def test_nobody_is_proposed_where_nothing_speaks_for_anybody(values: dict[str, str]) -> None:
    samples.register()
    assert found(**values) == ()


def test_a_number_one_slip_away_alone_is_chance() -> None:
    samples.register(JAN)
    assert found(customer_no="10000011") == ()


@pytest.mark.parametrize(
    "number",
    ["10203054", "10203405", "01203045", "10204045", "1020345", "0203045", "1020304", "102030455", "910203045",
     "102033045", "102030459", "10203046"],
)  # fmt: skip
def test_every_single_slip_of_a_number_is_thought_of(number: str) -> None:
    samples.register(replace(JAN, customer_no="10203045"), replace(FIRM, customer_no="77777777"))
    (one,) = found(customer_no=number, street=JAN.street, house="12", flat="4", postcode=JAN.postcode, town=JAN.town)
    assert one.customer_no == "10203045"
    assert one.reasons == ("numer różni się jednym znakiem", "podobny adres")


@pytest.mark.parametrize("number", ["1020304512", "102030", "20103054", "1020315"])
def test_two_slips_are_too_many(number: str) -> None:
    samples.register(replace(JAN, customer_no="10203045"))
    assert found(customer_no=number, name="Żaneta Wojciak") == ()


def test_the_better_customer_comes_first_and_equal_ones_by_number() -> None:
    def other(number: str, **values: str) -> CustomerRecord:
        return CustomerRecord(number, **{"name": "Kto Inny", **values})

    people = {
        "by pesel and address": other("60000006", pesel="44051401359", house="12", street="Mickiewicza", flat="3",
                                      postcode="66-470"),
        "by pesel": other("50000005", pesel="44051401359"),
        "by nip": other("80000008", nip="1234563218"),
        "by number": other("10000001"),
        "by name": other("30000003", name="Żaneta Wójcik"),
        "by address": other("20000002", house="12", street="Mickiewicza", flat="3", postcode="66-470"),
    }  # fmt: skip
    samples.register(*people.values())
    values = {"customer_no": "10000001", "pesel": "44051401359", "nip": "1234563218", "name": "Żaneta Wójcik", **PLACE}
    ranked = found(**values)
    assert [one.customer_no for one in ranked] == ["60000006", "50000005", "80000008", "10000001", "30000003"]
    assert len(ranked) == SHOWN
    samples.register(*(other(f"4000000{at}", pesel="02070803628") for at in (4, 2, 3)))
    assert [one.customer_no for one in found(pesel="02070803628")] == ["40000002", "40000003", "40000004"]

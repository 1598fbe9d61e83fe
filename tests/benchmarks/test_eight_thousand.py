from collections import Counter

from benchmarks.eight_thousand import customers, visitor

PEOPLE = customers(300)
NUMBERS = {row["customer_no"]: row for row in PEOPLE}


def differing(one, other):
    return sum(a != b for a, b in zip(one, other, strict=True))


def test_the_numbers_follow_each_other():
    assert [int(row["customer_no"]) for row in PEOPLE] == list(
        range(int(PEOPLE[0]["customer_no"]), int(PEOPLE[0]["customer_no"]) + 300)
    )


def test_nine_in_ten_write_what_the_list_says_of_them():
    told = [visitor(PEOPLE, number, 5) for number in range(200)]
    assert Counter(who == "customer" for _, who in told) == {True: 180, False: 20}
    assert all(row == NUMBERS[row["customer_no"]] for row, who in told if who == "customer")


def test_strangers_bring_no_number_of_the_list_or_one_that_is_another_customers():
    strangers = {who: row for row, who in (visitor(PEOPLE, number, 5) for number in range(4, 44, 10))}
    assert strangers["unknown person"]["customer_no"] not in NUMBERS
    invented = strangers["invented number"]
    assert NUMBERS[invented["customer_no"]]["name"] != invented["name"]
    for who in ("somebody else's number", "one digit off"):
        written = strangers[who]
        owner = next(row for row in PEOPLE if row["name"] == written["name"] and row["email"] == written["email"])
        assert owner["customer_no"] != written["customer_no"]
        assert written["customer_no"] in NUMBERS
        if who == "one digit off":
            assert differing(owner["customer_no"], written["customer_no"]) == 1

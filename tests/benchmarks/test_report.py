from benchmarks import report
from benchmarks.drawing import HAND
from benchmarks.goals import of_hand, of_memory, of_places
from benchmarks.greedy import Greedy
from benchmarks.pages import PageResult
from benchmarks.scoring import FieldScore
from benchmarks.stored import fetch, store
from benchmarks.straight_through import PageVerdict


def field(name, group, expected, read, trusted=True):
    return FieldScore(1, "gray200", HAND, name, group, expected, read, 0.97 if trusted else 0.4, trusted)


def page(name="JAN NOWAK", decision="ready", misread=(), who="customer", trusted=True):
    scores = (
        field("customer_no", "digits", "87537680", "87537680"),
        field("name", "text", "JAN NOWAK", name, trusted),
        field("phone", "digits", None, None),
        field("signature", "signature", True, True),
    )
    verdict = PageVerdict(True, who == "customer", decision, misread)
    greedy = (Greedy("customer_no", "87537680", "87537680"),)
    return PageResult(1, "ebok_signup", "gray200", HAND, "a, blue", who, 0.5, scores, scores, greedy, verdict)


def stored(folder, pages):
    store(folder, "hand", "python -m benchmarks.reading hand", 1.0, {"pages": [one.as_json() for one in pages]})


def goal(pages, what):
    return next(one for one in of_hand(pages) if one.what.startswith(what))


def test_a_page_comes_back_from_disk_as_it_was_stored(tmp_path):
    stored(tmp_path, [page(), page("JAM NOWAK", "review", trusted=False)])
    again = [PageResult.from_json(one) for one in fetch(tmp_path, "hand").results["pages"]]
    assert [one.listed for one in again] == [page().listed, page("JAM NOWAK", trusted=False).listed]
    assert again[0].greedy == page().greedy


def test_the_report_keeps_what_stands_above_the_results_and_names_what_was_not_run(tmp_path):
    document = tmp_path / "figures.md"
    document.write_text(f"# Figures\n\nBy hand.\n\n{report.RESULTS}\n\nold\n", encoding="utf-8")
    stored(tmp_path / "results", [page()] * 12)
    report.write(document, tmp_path / "results")
    text = document.read_text(encoding="utf-8")
    assert text.startswith("# Figures\n\nBy hand.\n")
    assert "old" not in text
    assert "| customer number, phone | 12 | 100.0% (75.8%–100.0%) | 100.0% | 0 of 12: 0.0% (0.0%–24.2%) |" in text
    assert "Part `peers` was not run." in text
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {
        "calibration.png",
        "hand.png",
        "risk-coverage.png",
    }


def test_misread_pages_and_strangers_that_went_through_are_counted():
    through = "misread, unsigned or a stranger's"
    assert goal([page()], through).reached
    assert not goal([page(misread=["customer_no"])], through).reached
    assert not goal([page(who="invented number")], through).reached
    assert goal([page(misread=["customer_no"], decision="review")], through).reached


def test_wrong_among_trusted_counts_no_empty_fields_and_needs_enough_of_them():
    assert "0 of 3:" in goal([page()], "wrong among trusted").found
    assert not goal([page()], "wrong among trusted").reached
    assert goal([page()] * 200, "wrong among trusted").reached
    assert not goal([page()] * 200 + [page("JAM NOWAK")] * 10, "wrong among trusted").reached
    assert goal([page()] * 200 + [page("JAM NOWAK", trusted=False)] * 10, "wrong among trusted").reached


def test_goals_of_alignment_and_memory():
    assert of_places([0.1] * 999 + [0.6]).reached
    assert not of_places([0.1] * 99 + [float("inf")]).reached
    assert of_memory({"most": 420.0}).reached
    assert not of_memory({"most": 600.0}).reached

from benchmarks import limits
from benchmarks.limits import PENS, Cell, LimitsTask, as_json
from benchmarks.stored import Part
from ocr.handprint.training.writers import half_of
from tests.benchmarks.hands import drawn_writers

DIGIT, CAPITAL = "digits (tablet)", "capitals A-Z"


def part(cells):
    return Part("limits", "python -m benchmarks.reading limits", "2026-01-12", "a machine", 1.0, as_json(cells))


def read(row, how, truths, reads, confidence=0.999):
    return [Cell(row, how, truth, seen, confidence) for truth, seen in zip(truths, reads, strict=True)]


def test_known_and_new_writers_stand_beside_each_other_and_the_doubtful_end_is_told(tmp_path):
    cells = read(DIGIT, "known", "0123456789" * 10, "0123456789" * 10)
    cells += read(DIGIT, "new", "0123456789" * 9, "0123456789" * 9)
    cells += read(DIGIT, "new", "1117700000", "7777700000", confidence=0.6)
    cells += [one for pen in PENS for row in (DIGIT, CAPITAL) for one in read(row, str(pen), "01", "01")]
    for how in ("known", "new"):
        cells += read(CAPITAL, how, "ABO", "ABO")
    text = "\n".join(limits.section(part(cells), tmp_path))
    row = next(line for line in text.splitlines() if line.startswith(f"| {DIGIT} |"))
    assert "100.0% (96.3%–100.0%) of 100" in row
    assert "97.0% (91.5%–99.0%) of 100" in row
    assert "The surest 90.0 % of the digits are 99.6 % right." in text
    assert "digits: 1 as 7 3" in text
    assert (tmp_path / "limits.png").stat().st_size > 10_000


def test_cells_are_drawn_by_writers_of_both_sorts_and_with_each_pen(monkeypatch, tmp_path):
    hands = drawn_writers().hands
    assert {half_of(glyph.writer) for found in hands.glyphs.values() for glyph in found} <= {"fit", "report"}
    monkeypatch.setattr(limits, "hands_of", lambda data, half: hands)
    monkeypatch.setattr(limits, "_known", lambda data: hands)
    monkeypatch.setattr(limits, "_AS_MANY", 1.0)
    monkeypatch.setattr(limits, "_OF_EACH_PEN", 1.0)
    monkeypatch.setattr("ocr.handprint.training.dev_cells._SCANNED", 0)
    monkeypatch.setattr("ocr.handprint.training.dev_cells._EMPTY_CELLS", 10)
    monkeypatch.setattr("ocr.handprint.training.dev_cells._STRUCK_CELLS", 10)
    cells = LimitsTask(tmp_path, 1.0, "report")("gray200")
    assert {cell.how for cell in cells} == {"known", "new", *map(str, PENS)}
    assert {cell.row for cell in cells if cell.how == "new"} == {DIGIT, CAPITAL, "1 with upstroke, barred 7"}
    assert sum(cell.read == cell.truth for cell in cells) > 0.9 * len(cells)

"""Reader processes: every look at a stranger's file happens in one, which may die; recognition itself is in ``ocr``."""

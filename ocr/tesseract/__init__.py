"""Tesseract, for lines and for whole pages: its library where there is one, its program otherwise."""

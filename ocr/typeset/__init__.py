"""A second recogniser of printed characters: it judges the shape of each by itself, where Tesseract reads lines."""

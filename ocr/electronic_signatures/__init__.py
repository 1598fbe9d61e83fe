"""Electronic signatures of a PDF: verified offline, whose they are, and what came after them."""

"""Handwriting in combs: told from print, read cell by cell by small networks, and judged page by page.

What a hand wrote is trusted only where the evidence is strong: see ``trust``.
"""

from ocr.handprint.page import HandReader
from ocr.handprint.print_or_hand import Hand, writers
from ocr.handprint.reader import Network

__all__ = ["Hand", "HandReader", "Network", "writers"]

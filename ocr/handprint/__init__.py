"""Handwriting in combs: told from print, and read cell by cell by a small network.

What a hand wrote is never trusted by itself: its value is a proposal, for the register to confirm or a human.
"""

from ocr.handprint.decoding import NetworkReader
from ocr.handprint.print_or_hand import CharReading, Hand, HandprintReader, writers

__all__ = ["CharReading", "Hand", "HandprintReader", "NetworkReader", "writers"]

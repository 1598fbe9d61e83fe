"""Handwriting in combs: told from print, and read cell by cell by a small network.

What a hand wrote is never trusted by itself: its value waits for the decoding, the register, or a human.
"""

from ocr.handprint.print_or_hand import CharReading, Hand, HandprintReader, NoHandprintReader, writers

__all__ = ["CharReading", "Hand", "HandprintReader", "NoHandprintReader", "writers"]

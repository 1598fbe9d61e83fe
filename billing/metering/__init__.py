"""Meter readings that customers report, what is usual for each of them, and what looks like a leak."""

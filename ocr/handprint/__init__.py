"""Handwriting in combs: told from print, read cell by cell by small networks, and judged page by page.

What a hand wrote is trusted only where the evidence is strong: see ``trust``.
"""

"""Invented people, their papers and scanners: for the demo, tests and benchmarks."""

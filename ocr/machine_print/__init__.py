"""Print in combs: read by two readers, and held against what a value of its kind may be."""

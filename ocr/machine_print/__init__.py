"""Print in combs: read by two recognisers, and held against what a value of its kind may be."""

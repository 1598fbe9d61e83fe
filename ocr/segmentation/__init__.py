"""Ink apart from everything else: connected components, the cells of combs, lines taken out, leaders removed."""

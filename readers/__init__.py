"""Looks at strangers' files, each in a process that may die: the one way to everything that parses their bytes."""

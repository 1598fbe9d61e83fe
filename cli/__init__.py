"""The command line: `ebok`."""

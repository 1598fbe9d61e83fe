"""Every look at a stranger's file, each in a process that may die: the only way to whatever parses their bytes."""

"""What a manager asks of a span of days: what came, how it ended, how long it took, what waits, how right it was."""

"""Messages out: what is told to whom, the outbox, and the ways a message leaves."""

"""Messages: who is told what, the outbox, the channels by which they leave, and what comes back."""

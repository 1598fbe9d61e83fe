"""How long what is kept: the one table of it, what erases when the time is over, and one customer's data."""

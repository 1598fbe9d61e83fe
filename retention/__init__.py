"""How long data are kept: the table, what erases them when their time is over, and one customer's data."""

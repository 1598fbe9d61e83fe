"""Pages for customers: choosing, filling in a form, sending a file, following a case."""

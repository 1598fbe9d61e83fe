"""The customer register: its tables and import, matching a submission to a customer, and what it changes."""

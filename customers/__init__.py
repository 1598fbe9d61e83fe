"""The customer register: its tables, its import, who a submission comes from, and what it changes."""

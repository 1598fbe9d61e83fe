"""Pages of a customer's account, below ``/ebok/``."""

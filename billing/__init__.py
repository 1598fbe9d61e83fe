"""What the billing system tells us: the contract with it, its import, and what may be asked of what it told."""

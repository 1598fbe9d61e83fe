"""The record of what came in: originals, documents with their states and leases, and what was read."""

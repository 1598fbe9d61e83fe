"""The record of what came in: originals, documents and their states, leases, readings."""

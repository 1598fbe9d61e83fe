"""The audit trail: who did or saw what, and when; entries are added and never changed."""

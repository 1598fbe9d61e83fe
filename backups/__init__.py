"""Backups of an installation, made while it works, and its restoring."""

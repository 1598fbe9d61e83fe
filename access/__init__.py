"""Signing in: passwords, staff accounts and their sessions, and limits on wrong attempts."""

"""Troubles of the installation: each is one alarm with since when and what waits, and one line when it is over."""

"""Who may come in: passwords, staff accounts and their sessions, and a limit on wrong tries."""

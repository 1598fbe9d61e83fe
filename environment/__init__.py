"""What this program is told from outside: its settings, the time, and what it tells libraries in its turn."""

"""Settings, engine, sessions, encryption at rest and migrations."""

"""Engine, sessions, encryption at rest and migrations."""

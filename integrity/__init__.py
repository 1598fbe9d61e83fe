"""Whether all that is kept fits together: folder, store, register, changes, outbox, consents and audit."""

"""What was added to a page away from its fields: words that void it, lines through its print, notes over it."""

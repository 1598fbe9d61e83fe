"""Pages that are none of our forms: their words, what they ask for, and the values that they state."""

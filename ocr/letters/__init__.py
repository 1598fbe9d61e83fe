"""Letters and other pages that are none of our forms: their words, what they ask for, the values that they state."""

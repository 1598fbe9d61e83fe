"""What a field bears beside its characters: ticks, signatures, strikes, stray ink, and what the file says of it."""

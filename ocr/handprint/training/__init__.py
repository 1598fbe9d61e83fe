"""How the network was made: real pen strokes drawn into the cells of our forms. Not needed, nor imported, to read."""

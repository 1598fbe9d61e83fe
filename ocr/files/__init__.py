"""Files as they come: told by their content, checked for being whole, and opened as pages."""

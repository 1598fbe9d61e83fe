"""Where a page lies: which of our forms it is, how the blank lies on its picture, and the page laid straight."""

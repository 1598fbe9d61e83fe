"""What the owner of an account sees of himself once he has signed in; it knows nothing of pages."""

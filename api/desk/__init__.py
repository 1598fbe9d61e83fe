"""The pages of the review desk: for staff who are signed in, all under ``/biuro``."""

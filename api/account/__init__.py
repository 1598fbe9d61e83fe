"""The account as JSON, below ``/api/v1/account/``: what its pages show and change, by the same functions."""

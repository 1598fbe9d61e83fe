"""The web application: JSON API, the pages that links lead to. Writes to the register, never runs a flow."""

"""The web application: the JSON API and all pages. It writes to the register and never runs a flow."""

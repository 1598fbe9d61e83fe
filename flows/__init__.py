"""The workflow: what happens to a document, in which order, and who looks for work. Only here is Prefect imported."""

"""The way of a document, killed everywhere: what must hold however a process of ours ends."""

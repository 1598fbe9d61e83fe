"""The review desk without its pages: the queue, a document as a clerk sees it, decisions, the second look."""

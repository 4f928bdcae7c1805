"""The segment on disk: plain NumPy arrays inside Whoosh's table of contents."""

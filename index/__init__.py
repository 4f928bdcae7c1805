"""Documents become searchable paragraphs."""

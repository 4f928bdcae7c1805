"""Answers from an index on an OpenSearch cluster."""

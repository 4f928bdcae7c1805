"""The index on an OpenSearch cluster: its fields, its documents, and how they are written."""

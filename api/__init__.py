"""Everything a person or a program touches: HTTP, pages, the command line."""

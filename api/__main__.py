"""`python -m api` is the `dateline` command."""

from api.cli import main

main()

"""Everything `make test` runs, and how."""

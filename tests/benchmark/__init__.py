"""The benchmark (`make bench`): the goals of goals.py, compared with what a user would write instead."""

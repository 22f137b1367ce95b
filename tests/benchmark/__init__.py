"""What `make bench` measures: every goal of goals.py beside what a user would write instead."""

"""The cases: each module has a ``run(bench)`` that gives what it measured."""

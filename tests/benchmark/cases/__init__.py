"""The cases. Each module has a function ``run(bench)`` that returns its measurements."""

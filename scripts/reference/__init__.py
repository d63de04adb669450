"""Reference pages that are made from the code: `python -m scripts.reference`.

The parts between two marks are replaced; the text around them is written by hand. `--check` writes
nothing and fails when a page differs; a test runs it.
"""

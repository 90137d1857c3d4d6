"""What the system is measured by: each benchmark holds it against a peer or a limit, in one run, side by side.

`make bench` runs them all; `python -m benchmarks.run pdf html` some of them. Ratios count, not seconds.
"""

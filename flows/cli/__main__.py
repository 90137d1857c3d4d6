"""`python -m flows.cli` is `nianbao`."""

from flows.cli import main

main()

"""`python -m flows.cli` is `nianbao`."""

from flows.cli import main

if __name__ == "__main__":  # reading processes import this module too
    main()

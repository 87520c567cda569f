"""`python -m mlestar`: the command line."""

from mlestar.cli import main

if __name__ == "__main__":
    main()

"""`python -m devchain.aave4`."""

from .cli import main

if __name__ == "__main__":
    main()

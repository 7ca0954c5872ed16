"""`python -m devchain`."""

from .cli import main

if __name__ == "__main__":
    main()

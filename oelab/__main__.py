"""`oelab` and `python -m oelab`."""

import sys


def main() -> None:
    """Run the command line."""
    try:
        from oelab.review.cli import app

        app(prog_name="oelab")
    except KeyboardInterrupt:
        # Pressed before a command began; those end by themselves.
        sys.exit(130)


if __name__ == "__main__":
    main()

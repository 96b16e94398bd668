"""`oelab` and `python -m oelab`."""


def main() -> None:
    """Run the command line."""
    from oelab.review.cli import app

    app(prog_name="oelab")


if __name__ == "__main__":
    main()

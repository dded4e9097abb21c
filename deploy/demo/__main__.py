"""``python -m deploy.demo``."""

from deploy.demo.cli import main

if __name__ == "__main__":
    main()

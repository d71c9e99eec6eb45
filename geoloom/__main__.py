"""``python -m geoloom`` is the ``geoloom`` command."""

from .cli import main

main()

"""The command-line reference, made from ``--help``.

``python tests/cli/reference.py > docs/cli.md`` writes it; ``test_reference.py`` holds it to that.
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from geoloom.cli import cli

HEAD = """# Command line

Exit codes: 0 well, 1 the work failed, 2 wrong usage, 3 the answer is incomplete. Errors are one
paragraph on standard error: what, where, why, and what to try; with `--json` they are one JSON
object. Progress shows on a terminal only. `GEOLOOM_DEBUG=1` prints tracebacks.

IRIs on the command line may use the prefixes geoloom knows (`gl:Product`), or stand whole in
angle brackets.
"""


def _commands(
    group: click.Group, context: click.Context
) -> Iterator[tuple[click.Command, click.Context]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        if isinstance(command, click.Group):
            yield from _commands(command, inner)
        else:
            yield command, inner


def reference() -> str:
    """Return the text of docs/cli.md."""
    settings = {**cli.context_settings, "terminal_width": 88, "max_content_width": 88}
    root = click.Context(cli, info_name="geoloom", **settings)
    parts = [HEAD]
    for command, context in _commands(cli, root):
        parts.append(f"## {context.command_path}\n\n```\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(reference(), end="")

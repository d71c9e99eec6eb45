"""The command group, its lazy verbs, and the one place where errors become exit codes."""

from __future__ import annotations

import errno
import importlib
import os
import sys
import traceback
import warnings
from difflib import get_close_matches
from typing import Any, Final, NoReturn

import click

from ontology import GeoloomError, InputError, UsageError

from .output import print_error

VERBS: Final = {
    "demo": ("demo", "The whole way on synthetic data, checked against its truth."),
    "run": ("run", "A pipeline: map, load, interlink, validate, query."),
    "map": ("map", "An RML mapping into a store, or to N-Triples."),
    "mapping": ("mapping", "Generate a first mapping for a file."),
    "load": ("load", "RDF files and code lists into a store."),
    "query": ("query", "SPARQL over a store."),
    "update": ("update", "SPARQL Update over a store."),
    "interlink": ("interlink", "Exact topological links between two classes."),
    "federate": ("federate", "One SPARQL query over several sources."),
    "validate": ("validate", "A class map against ground samples."),
    "search": ("search", "The semantic catalogue."),
    "serve": ("serve", "SPARQL endpoint and web page."),
    "history": ("maintain", "The snapshots of a store."),
    "verify": ("maintain", "Check every file of a store."),
    "compact": ("maintain", "Fold small files of a store."),
    "vacuum": ("maintain", "Remove old snapshots of a store."),
}
"""Verb -> module of this package that holds it, and what ``geoloom --help`` says of it."""

INTERRUPTED: Final = 130
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class VerbGroup(click.Group):
    """Imports a verb's module only when the verb is named: ``--help`` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the data's way."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one verb."""
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"geoloom.cli.{VERBS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb, said) for verb, (_, said) in VERBS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the verb that was probably meant."""
        if args and args[0] not in VERBS:
            near = get_close_matches(args[0], VERBS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else " See 'geoloom --help'."
            ctx.fail(f"There is no command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=VerbGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="geoloom")
def cli() -> None:
    """Earth-observation classifications in, linked geodata and answers out.

    Exit codes: 0 well, 1 the work failed, 2 wrong usage, 3 the answer is incomplete.
    """


def _fail(error: GeoloomError, as_json: bool) -> NoReturn:
    print_error(error, as_json=as_json)
    sys.exit(error.exit_code)


def _show_warning(message: Warning | str, *_place: object, **_more: object) -> None:
    """Print a library's warning as one line, without its place in our source."""
    click.echo(f"Warning: {message}", err=True)


def _no_room(error: OSError) -> GeoloomError:
    """What no part of geoloom has named: compiled kernels are kept on disk, too."""
    return InputError(
        "There is no room to write",
        where=str(error.filename or "a file"),
        why=error.strerror,
        remedy="make room on the disk, or raise the limit of file sizes; nothing was half-written",
    )


def main(args: list[str] | None = None) -> NoReturn:
    """Run the command line; every way out is an exit code, never a traceback."""
    words = sys.argv[1:] if args is None else args
    as_json = "--json" in words
    if not os.environ.get("GEOLOOM_DEBUG"):
        warnings.showwarning = _show_warning
    try:
        outcome: Any = cli.main(words, prog_name="geoloom", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrupted.", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        if as_json:
            _fail(UsageError(error.format_message()), as_json)
        error.show()
        sys.exit(error.exit_code)
    except GeoloomError as error:
        _fail(error, as_json)
    except KeyboardInterrupt:
        click.echo("Interrupted; nothing was half-written.", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if os.environ.get("GEOLOOM_DEBUG"):
            traceback.print_exc()
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            _fail(_no_room(error), as_json)
        _fail(
            GeoloomError(
                f"geoloom met an error it did not expect ({type(error).__name__})",
                why=str(error) or None,
                remedy="run again with GEOLOOM_DEBUG=1 and report what it prints",
            ),
            as_json,
        )
    sys.exit(outcome if isinstance(outcome, int) else 0)

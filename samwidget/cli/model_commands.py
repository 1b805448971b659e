"""The commands about models, with their options."""

from __future__ import annotations

from typing import Annotated

import typer

from samwidget.cli import options as o

_JSON = typer.Option("--json", help="For programs to read.")


def models(
    as_json: Annotated[bool, _JSON] = False,
    speed: Annotated[
        bool, typer.Option("--speed", help="Estimate how long embedding an image takes here.")
    ] = False,
) -> int:
    """List the models that can be opened by name, and which weights are here."""
    from samwidget.cli.listing import list_models

    return list_models(as_json=as_json, speed=speed)


def download(
    names: Annotated[
        list[str],
        typer.Argument(metavar="NAME", show_default=False, help="Such as vit_b or sam2.1_t.pt."),
    ],
    progress: o.ShowProgress = None,
) -> int:
    """Fetch weights ahead of time and verify them.

    They lie in the user's cache folder, or in the one that SAMWIDGET_CACHE names.
    """
    from samwidget.cli.listing import fetch_all

    return fetch_all(names, progress=progress)


def info(
    model: Annotated[
        str,
        typer.Argument(metavar="[MODEL]", help="A name that `samwidget models` lists, or a path."),
    ] = "nano",
    as_json: Annotated[bool, _JSON] = False,
    device: o.Device = "auto",
    precision: o.Precision = "auto",
) -> int:
    """Open a model and tell what it is: size, device, licence, speed here."""
    from samwidget.cli.listing import tell_of_model

    return tell_of_model(model, device, precision, as_json=as_json)


def cache(
    clear: Annotated[
        bool,
        typer.Option("--clear/--info", help="Remove what is kept, or tell what is and where."),
    ] = False,
    weights: Annotated[
        bool, typer.Option("--weights", help="With --clear: remove fetched weights, too.")
    ] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> int:
    """Tell what is kept on this machine: fetched weights and images' embeddings; or remove it.

    Embeddings are made anew when an image is opened; weights have to be fetched again.
    """
    from samwidget.cli.caching import clear_cache, tell_of_cache

    if weights and not clear:
        raise typer.BadParameter("--weights goes with --clear")
    return (
        clear_cache(weights=weights, as_json=as_json) if clear else tell_of_cache(as_json=as_json)
    )

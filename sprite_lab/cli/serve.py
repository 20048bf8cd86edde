"""``sprite-lab serve``: let other programs on this machine, such as Aseprite, use a model."""

from __future__ import annotations

import sys
from pathlib import Path

from sprite_lab import paths
from sprite_lab.cli.console import print_result
from sprite_lab.cli.follow import Reporter, stopping_on_signals
from sprite_lab.cli.options import Device, Json, Model, check_out, option, with_options
from sprite_lab.core.run import RunControl


@with_options
def serve(
    model: Model = "builtin",
    port: int | None = option("0 = any free one; 8737 by default.", None, min=0, max=65535),
    new_token: bool = option("Replace the token, which is kept otherwise.", False),
    extension: Path | None = option(
        "Only write the extension for Aseprite to this file.",
        None,
        metavar="FILE.aseprite-extension",
        show_default=False,
    ),
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Answer other programs on this machine until Ctrl+C: sample, inpaint, judge.

    It listens on 127.0.0.1 alone, and answers only those who send the token that it prints. The
    extension for Aseprite asks for address and token once.
    """
    if extension is not None:
        from sprite_lab.formats.aseprite.extension import SUFFIX, write_extension

        write_extension(check_out(extension, SUFFIX, flag="--extension"))
        print_result({"out": extension}, f"{extension}: open it with Aseprite", as_json)
        return
    from sprite_lab.engine.models.model import load_model
    from sprite_lab.engine.serving.server import DEFAULT_PORT, Server, own_token

    loaded = load_model(model, device)
    token = own_token(paths.token_file(), new=new_token)
    control = RunControl()
    with (
        Server(loaded, token, DEFAULT_PORT if port is None else port) as server,
        Reporter("Serving") as reporter,
        stopping_on_signals(control, reporter, "stopping"),
    ):
        print_result(
            {"address": server.address, "token": token, "model": loaded.title},
            f"{loaded.title} answers at {server.address} until Ctrl+C.\nToken: {token}",
            as_json,
        )
        sys.stdout.flush()
        while not control.stop_requested:
            server.handle_request()

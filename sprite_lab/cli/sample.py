"""``sprite-lab sample``: draw sprites with a trained model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import typer
from numpy.typing import NDArray

from sprite_lab.cli.console import counted, print_result
from sprite_lab.cli.follow import Reporter, follow
from sprite_lab.cli.options import (
    Device,
    Given,
    Json,
    Model,
    as_usage,
    check_out,
    option,
    with_request,
    with_settings,
)
from sprite_lab.cli.sampling import Asked, with_sampling_options
from sprite_lab.core.config import SampleConfig, SpriteFilesConfig
from sprite_lab.core.config.base import Setting, settings_of
from sprite_lab.core.config.sprite_files import SpriteFilesKind
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.file_names import check_template
from sprite_lab.core.results.contact_sheet import VARIED, values_of
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.credits import attribution, credits_first
from sprite_lab.core.sets.vocabulary import Prompt, styles_of
from sprite_lab.core.trajectories.trajectory import Trajectory

if TYPE_CHECKING:
    from sprite_lab.engine.models.model import Model as LoadedModel

#: Defaults of files on the command line.
_USUAL = SpriteFilesConfig(json="none")


@dataclass(frozen=True, kw_only=True)
class Request:
    """Options of the command."""

    model: Model
    out: Path = option(
        "Arrays, one sheet, or a folder for a picture each.", metavar="FILE.npz|FILE.png|DIR/"
    )
    given: Given
    sheet_too: bool = option("Into a folder: all of them on a sheet, too.", False)
    keep_best: int | None = option(
        "Keep the N that look best of those drawn.", None, min=1, metavar="N"
    )
    of: int | None = option("How many are drawn for that.", None, min=1, metavar="M")
    vary: str | None = option(
        "A contact sheet (.png): each noise once for each value of a setting: "
        f"{', '.join(VARIED)}.",
        None,
        metavar="SETTING=A,B,...",
    )
    device: Device = "auto"
    as_json: Json = False
    asked: Asked


@with_sampling_options
@with_settings("given", _USUAL, without=("kind", "without_blank"))
@with_request(Request)
def sample(request: Request) -> None:
    """Draw sprites: as arrays (.npz: images, alpha, labels), as a sheet (.png) with its JSON, or as
    single pictures in a folder.

    Started by torchrun, many processes share the work, and the first one writes.
    """
    if request.vary is not None:
        _write_contact_sheet(request, request.vary)
        return
    asked, out = _kept(request), request.out
    single = _is_folder(out)
    if not single:
        check_out(out, ".npz", ".png")
    with as_usage():
        if request.sheet_too and not single:
            raise ConfigError("--sheet-too is for single pictures: name a folder with --out.")
        kind: SpriteFilesKind = "both" if request.sheet_too else "files" if single else "sheet"
        files = SpriteFilesConfig(kind=kind, **request.given)
        check_template(files.template)
        _check_look(files, out, single)

    from sprite_lab.engine.launch import shared_work
    from sprite_lab.engine.models.model import load_model
    from sprite_lab.engine.sampling.reverse import sample_iter

    loaded = load_model(request.model, request.device)
    with (
        shared_work() as control,
        Reporter("Sampling") as reporter,
    ):
        configs = asked.configs(loaded.class_names)
        if request.of is None:
            drawn = drain(sample_iter(loaded, configs, control, record=False), reporter.show)
        else:
            from sprite_lab.engine.sampling.selection import pick_best_iter

            best = pick_best_iter(loaded, configs[0], request.of, control)
            drawn = drain(best, reporter.show).drawn
            reporter.say(f"{request.of} sprites drawn; the {drawn.count} that look best are kept.")
    if not control.leads:
        return
    configs = _settled(configs, drawn, loaded)
    if out.suffix.lower() == ".npz" and not single:
        from sprite_lab.formats.sets.sprites import save_samples

        prompts = drawn.prompts
        save_samples(
            out,
            drawn.rgba(),
            asked_labels(prompts, loaded.class_names),
            loaded.class_names,
            configs,
            words=[" ".join(prompt.words) for prompt in prompts],
            source=[prompt.style for prompt in prompts],
        )
        written = [out]
    else:
        from sprite_lab.core.sets.sprite_batch import finished_sprites
        from sprite_lab.formats.images.sprite_files import write_sprites

        thanked = credits_first(loaded.credits, styles_of(drawn.prompts))
        batch = finished_sprites(drawn, attribution(thanked))
        if len(configs) > 1:
            seeds = tuple(config.seed for config in configs)
            names = tuple("-".join(prompt.words) for prompt in drawn.prompts)
            batch = replace(batch, configs=tuple(configs), seeds=seeds, names=names)
        written = follow("Writing", write_sprites(out, batch, files))
    print_result(
        {
            "out": out,
            "files": written,
            "count": drawn.count,
            "class_names": list(loaded.class_names),
            **(
                {"config": configs[0].to_json()}
                if len(configs) == 1
                else {"configs": [config.to_json() for config in configs]}
            ),
        },
        f"{out}: {counted(drawn.count, 'sprite')}",
        request.as_json,
    )


def _write_contact_sheet(request: Request, vary: str) -> None:
    asked, out, ref = request.asked, request.out, request.model
    if request.keep_best is not None or request.of is not None or asked.prompts:
        raise typer.BadParameter("With --vary leave --keep-best, --of and --prompts out.")
    look = ["--sheet-too"] if request.sheet_too else []
    look += [setting.flag for setting in _changed(SpriteFilesConfig(**request.given))]
    if look:
        raise typer.BadParameter(f"With --vary leave {', '.join(look)} out.")
    check_out(out, ".png")
    setting, _, values = vary.partition("=")
    count = asked.config.count if asked.counted else min(asked.config.count, 4)

    from sprite_lab.engine.models.model import load_model
    from sprite_lab.engine.sampling.contact import contact_iter
    from sprite_lab.formats.atomic import write_whole
    from sprite_lab.formats.images.contact_png import contact_png

    loaded = load_model(ref, request.device)
    run = Path(ref) if Path(ref).is_dir() else None
    config = replace(asked.configs(loaded.class_names)[0], count=count)
    with Reporter("Sampling") as reporter, as_usage():
        columns = setting.strip(), values_of(values)
        made = contact_iter(loaded, config, *columns, RunControl(), run=run)
        sheet = drain(made, reporter.show)
    assert sheet is not None
    write_whole(out, contact_png(sheet))
    facts = {"out": out, "setting": setting, "values": list(sheet.columns), "count": count}
    print_result(facts, f"{out}: {counted(len(sheet.columns), 'column')}", request.as_json)


def _settled(
    configs: list[SampleConfig], drawn: Trajectory, model: LoadedModel
) -> list[SampleConfig]:
    """The configurations, completed with the choices made by the model and the machine."""
    if drawn.config is not None:
        return [drawn.config]
    from sprite_lab.engine.sampling.reverse import resolved

    found = resolved(configs, model)
    same = {name: getattr(found, name) for name in ("sampler", "steps", "precision")}
    return [replace(config, **same) for config in configs[: drawn.count]]


def _kept(request: Request) -> Asked:
    """The request, with the number of sprites that --keep-best keeps."""
    asked, keep_best, of = request.asked, request.keep_best, request.of
    if keep_best is None and of is None:
        return asked
    if keep_best is None or of is None:
        raise typer.BadParameter("--keep-best and --of belong together: --keep-best 16 --of 64.")
    if asked.counted:
        raise typer.BadParameter("--keep-best says how many there will be: leave --count out.")
    if keep_best > of:
        raise typer.BadParameter(f"The {keep_best} best of {of} cannot be kept: draw more.")
    if asked.prompts or asked.variants:
        raise typer.BadParameter("Of prompts and variants all sprites are kept: leave --of out.")
    return replace(asked, config=replace(asked.config, count=keep_best, picked=()))


def _check_look(files: SpriteFilesConfig, out: Path, single: bool) -> None:
    """Refuse options that would change nothing in ``out``."""
    if files.kind == "both" or (out.suffix.lower() == ".png" and not single):
        return
    for setting in _changed(files):
        if setting.group == "Sheet":
            also = ", or add --sheet-too" if single else ""
            raise ConfigError(f"{setting.flag} is for a sheet: end --out in .png{also}.")
        if not single:
            raise ConfigError(
                f"{setting.flag} is for pictures: end --out in .png or name a folder."
            )


def _changed(files: SpriteFilesConfig) -> list[Setting]:
    """The settings, except ``kind``, that differ from the defaults."""
    usual = replace(_USUAL, kind=files.kind)
    known = settings_of(SpriteFilesConfig).items()
    return [setting for name, setting in known if files.at(name) != usual.at(name)]


def _is_folder(out: Path) -> bool:
    """Whether single pictures are requested: by a folder, or a name without a suffix."""
    return out.is_dir() or (not out.suffix and not out.name.startswith("."))


def asked_labels(prompts: Sequence[Prompt], class_names: tuple[str, ...]) -> NDArray[np.int64]:
    """The class requested for each sprite, int64 (N,); -1 = none, or a mix of several."""
    mixes = [prompt.class_mix for prompt in prompts]
    return np.array([class_names.index(mix[0][0]) if len(mix) == 1 else -1 for mix in mixes])

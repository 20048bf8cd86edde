"""``sprite-lab trajectory``: draw sprites and keep every intermediate step."""

from __future__ import annotations

from pathlib import Path

from sprite_lab.cli.console import counted, print_result
from sprite_lab.cli.follow import follow
from sprite_lab.cli.options import (
    Device,
    Given,
    Json,
    Model,
    as_usage,
    check_out,
    option,
    with_settings,
)
from sprite_lab.cli.sampling import Asked, with_sampling_options
from sprite_lab.core.config import AnimationConfig
from sprite_lab.core.run import RunControl


@with_sampling_options
@with_settings("look", AnimationConfig(), "scale", "fps")
def trajectory(
    *,
    model: Model,
    out: Path = option("", metavar="FILE.npz|FILE.gif"),
    look: Given,
    device: Device = "auto",
    as_json: Json = False,
    asked: Asked,
) -> None:
    """Record the reverse process: as arrays (.npz: x0, x_t, t, log_snr) or as a GIF."""
    check_out(out, ".npz", ".gif")
    with as_usage():
        animation = AnimationConfig(**look, hold_last_s=1.0, max_frames=5000)

    from sprite_lab.engine.models.model import load_model
    from sprite_lab.engine.sampling.reverse import sample_iter

    loaded = load_model(model, device)
    configs = asked.configs(loaded.class_names)
    recorded = follow("Sampling", sample_iter(loaded, configs, RunControl()))
    config = recorded.config or asked.config  # including the choices of the model and the machine
    if out.suffix.lower() == ".npz":
        from sprite_lab.formats.sets.trajectories import save_trajectory

        save_trajectory(out, recorded)
    else:
        from sprite_lab.formats.animation.animation import trajectory_clip
        from sprite_lab.formats.animation.film import Film

        film = Film(trajectory_clip(recorded), animation)
        follow("Writing", film.write(out))
    print_result(
        {
            "out": out,
            "frames": len(recorded),
            "count": recorded.count,
            "config": config.to_json(),
        },
        f"{out}: {counted(len(recorded), 'frame')} of {counted(recorded.count, 'sprite')}",
        as_json,
    )

"""``sprite-lab compress`` and ``decompress``: small files by counts and a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from sprite_lab.cli.console import counted, print_result
from sprite_lab.cli.follow import follow
from sprite_lab.cli.options import Json, Model, argument, check_out, load_data, option, with_options
from sprite_lab.core.errors import FileError
from sprite_lab.core.run import RunControl

_LIKE = option(
    "A set to learn from first; decompress needs it too.", None, metavar="FILE|STORE|builtin"
)

#: Number of sprites whose bound is reported; measuring all would take longer than compressing.
BOUND_OF = 32


@with_options
def compress(
    *,
    data: str = argument("The set.", metavar="FILE|STORE|builtin", show_default=False),
    model: Model,
    out: Path = option("", metavar="FILE.spritez"),
    limit: int | None = option("Only the first sprites.", None, min=1),
    like: str | None = _LIKE,
    as_json: Json = False,
) -> None:
    """Compress a set by counts of what repeats and by a model's predictions.

    Nothing is lost; decompress needs the same model, the same --like, the same kind of machine and
    the same PyTorch, since the model must give the same answers again, to the last bit. The sizes
    in other formats are printed for comparison.
    """
    check_out(out, ".spritez")
    import torch

    from sprite_lab.engine.compression import compress_iter, known_of
    from sprite_lab.engine.measuring.likelihood import bound_iter
    from sprite_lab.engine.models.model import load_model
    from sprite_lab.formats.context_coder import ContextCoder
    from sprite_lab.formats.reports.file_sizes import (
        lzma_bits_per_dim,
        png_bits_per_dim,
        webp_bits_per_dim,
    )
    from sprite_lab.formats.sets.compressed import Codec, digest, save_compressed

    loaded, sprites = load_model(model, "cpu"), load_data(data)
    if limit is not None:
        sprites = sprites.take(np.arange(min(limit, len(sprites))))
    rgba, dictionary = sprites.rgba, None if like is None else load_data(like)
    known = None if dictionary is None else known_of(dictionary)
    coded = follow("Compressing", compress_iter(loaded, rgba, sprites.classes, known))
    codec = Codec(
        len(sprites),
        loaded.image_size,
        digest(rgba),
        loaded.title,
        loaded.digest(),
        torch.__version__,
        "" if dictionary is None else dictionary.fingerprint,
    )
    save_compressed(out, sprites, coded, codec)
    some = sprites.take(np.arange(min(BOUND_OF, len(sprites))))
    bound = follow("Measuring", bound_iter(loaded, some, RunControl()))
    learned = rgba[:0] if known is None else known.rgba
    coder, counts = ContextCoder(), 0.0
    coder.learn(learned)
    for i in range(len(rgba)):  # each with the counts of the previous ones, as in the file
        counts += coder.bits(rgba[i : i + 1])[0]
        coder.learn(rgba[i : i + 1])
    dims = sprites.images[0].size
    sizes = {
        "spritez": len(coded) * 8 / len(sprites) / dims,
        "counted": counts / len(sprites) / dims,
        "lzma": lzma_bits_per_dim(rgba, learned),
        "webp": webp_bits_per_dim(sprites.images),
        "png": png_bits_per_dim(sprites.images),
        "bound": bound.bits_per_dim,
    }
    # The standard error of a single group is nan.
    error = (
        f"; ± {bound.bits_per_dim_stderr:.3f} bits/dim" if bound.bits_per_dim_stderr >= 0 else ""
    )
    names = {
        "spritez": "this file",
        "counted": "counts of repeated pixels, learned on the way",
        "lzma": "LZMA, all in one",
        "webp": "lossless WebP (RGB)",
        "png": "PNG (RGB)",
        "bound": f"the model's bound (of {len(some)}{error})",
    }
    lines = [
        f"{names[name]}: {value * dims / 8:.1f} bytes a sprite, {value:.3f} bits/dim"
        for name, value in sizes.items()
    ]
    print_result(
        {
            "out": out,
            "count": len(sprites),
            "pixel_bytes": len(coded),
            "file_bytes": out.stat().st_size,
            "bits_per_dim": sizes,
        },
        f"{out}: {counted(len(sprites), 'sprite')} in {len(coded):,} bytes, and "
        f"{out.stat().st_size - len(coded):,} for names and labels\n" + "\n".join(lines),
        as_json,
    )


@with_options
def decompress(
    *,
    file: Path = argument("", metavar="FILE.spritez", show_default=False),
    model: Model,
    out: Path = option("The set.", metavar="FILE.npz"),
    like: str | None = _LIKE,
    as_json: Json = False,
) -> None:
    """Restore a compressed set: every pixel, name and label."""
    check_out(out, ".npz")
    import torch

    from sprite_lab.engine.compression import decompress_iter, known_of
    from sprite_lab.engine.models.model import load_model
    from sprite_lab.formats.sets.compressed import digest, load_compressed
    from sprite_lab.formats.sets.sprites import save_sprites

    sprites, coded, codec = load_compressed(file)
    loaded = load_model(model, "cpu")
    if loaded.digest() != codec.weights:
        raise FileError(
            f"'{file.name}' was made with other weights than '{model}' has: name the model it was "
            f"made with ('{codec.model}')."
        )
    dictionary = None if like is None else load_data(like)
    if codec.like != ("" if dictionary is None else dictionary.fingerprint):
        raise FileError(
            f"'{file.name}' was made {'with another' if codec.like else 'without'} --like: "
            f"{'name the set that it was made with' if codec.like else 'leave it out'}."
        )
    known = None if dictionary is None else known_of(dictionary)
    rgba = follow("Decompressing", decompress_iter(loaded, coded, sprites.classes, known))
    if digest(rgba) != codec.pixels:
        raise FileError(
            f"The pixels of '{file.name}' do not come out as they went in: the file is damaged, or "
            f"this machine (PyTorch {torch.__version__}) computes the model differently from the "
            f"one that made it (PyTorch {codec.torch}); decompress it there."
        )
    save_sprites(out, replace(sprites, images=rgba[..., :3], alpha=rgba[..., 3]))
    print_result(
        {"out": out, "count": len(sprites)},
        f"{out}: {counted(len(sprites), 'sprite')}, as they were",
        as_json,
    )

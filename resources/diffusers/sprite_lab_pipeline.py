"""Draw sprites with a model of Sprite Lab as a pipeline of diffusers.

    pipeline = DiffusionPipeline.from_pretrained("FOLDER", trust_remote_code=True)
    pipeline(batch_size=4, classes=["hero"], seed=7).images[0].save("hero.png")

Needs the package sprite-lab, whose samplers and network it uses.
"""

import torch
from diffusers import DiffusionPipeline, ImagePipelineOutput
from PIL import Image

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.run import RunControl, drain
from sprite_lab.engine.sampling.reverse import sample_iter


class SpriteLabPipeline(DiffusionPipeline):
    """One component, ``denoiser``: the network with its noise schedule and vocabulary."""

    def __init__(self, denoiser):
        super().__init__()
        self.register_modules(denoiser=denoiser)

    @torch.no_grad()
    def __call__(
        self,
        batch_size=1,
        classes=(),
        words=(),
        seed=0,
        num_inference_steps=None,
        guidance_scale=None,
        output_type="pil",
        **settings,
    ):
        """Draw ``batch_size`` sprites.

        The same seed and settings draw what ``sprite-lab sample`` does. ``classes``, ``words``:
        names that ``pipeline.denoiser.vocabulary`` has. ``settings``: any other field of
        SampleConfig, such as ``sampler="ddim"``. ``output_type``: "pil", or "np" for uint8
        (N, H, W, 4), RGBA.
        """
        if guidance_scale is not None:
            settings["guidance_scale"] = guidance_scale
        config = SampleConfig(
            count=batch_size,
            seed=seed,
            steps=num_inference_steps,
            classes=tuple(classes),
            words=tuple(words),
            **settings,
        )
        model = self.denoiser.model
        run = sample_iter(model, [config], RunControl(), record=False)
        images = drain(run).rgba()
        if output_type == "pil":
            images = [Image.fromarray(image) for image in images]
        return ImagePipelineOutput(images=images)

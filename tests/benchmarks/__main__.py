"""Run the named benchmarks, or all, each in its own process so that none warms up another."""

import subprocess
import sys

NAMES = (
    "fidelity",
    "sealed",
    "startup_window_s",
    "page_build_ms",
    "first_sprites_s",
    "frozen_startup_s",
    "frozen_first_sprites_s",
    "ui_frame_p99_ms_while_training",
    "scrub_paint_p99_ms",
    "data_scroll_p99_ms",
    "stroke_paint_p99_ms",
    "live_grid16_redraw_p95_ms",
    "app_overhead_percent",
    "step_overhead_percent",
    "million_sprites",
    "throughput_vs_diffusers",
    "throughput_vs_ddpm_pytorch",
    "few_steps_frechet_ratio",
    "sample_64_ratio_vs_course",
    "student_grid16_ms",
    "web_sprite_ms",
    "web_browsers",
    "fine_tune_ratio",
    "recognizability",
    "characters",
    "train_to_quality_ratio",
    "training_scaling",
)


def main() -> int:
    wanted = sys.argv[1:] or NAMES
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        print(f"No benchmark is called {unknown[0]!r}; there are: {', '.join(NAMES)}.")
        return 2
    failed = 0
    for name in wanted:
        failed += subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"]).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

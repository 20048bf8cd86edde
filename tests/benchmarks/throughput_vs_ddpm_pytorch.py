"""Training throughput per GFLOP, ours and denoising-diffusion-pytorch's, both in fp32."""

from tests.benchmarks.peers import ddpm_pytorch_unet
from tests.benchmarks.throughput import compare

if __name__ == "__main__":
    compare("throughput_vs_ddpm_pytorch", ddpm_pytorch_unet)

"""Training throughput per GFLOP, ours and diffusers', both in fp32."""

from tests.benchmarks.peers import diffusers_unet
from tests.benchmarks.throughput import compare

if __name__ == "__main__":
    compare("throughput_vs_diffusers", diffusers_unet)

// The one loop that takes the time: four pixels by eight channels at once.
//
// packaging/web_kernel.py compiles it to kernel.wasm. Without WebAssembly, kernel.mjs does the
// same in JavaScript; its ``convolve`` says what the numbers mean.

#include <wasm_simd128.h>

#define TILE 4

static inline __attribute__((always_inline)) void tile(float *out, const float *in, const float *weights, const float *bias, int pixels,
                 int step, int runs, int run, int skip, int out_step) {
  v128_t left[TILE], right[TILE];
  for (int p = 0; p < pixels; p++) {
    left[p] = wasm_v128_load(bias);
    right[p] = wasm_v128_load(bias + 4);
  }
  for (int r = 0; r < runs; r++, in += skip) {
    const float *at = in;
    for (int k = 0; k < run; k++, at++, weights += 8) {
      v128_t w0 = wasm_v128_load(weights), w1 = wasm_v128_load(weights + 4);
      for (int p = 0; p < pixels; p++) {
        v128_t x = wasm_v128_load32_splat(at + p * step);
        left[p] = wasm_f32x4_add(left[p], wasm_f32x4_mul(x, w0));
        right[p] = wasm_f32x4_add(right[p], wasm_f32x4_mul(x, w1));
      }
    }
  }
  for (int p = 0; p < pixels; p++) {
    wasm_v128_store(out + p * out_step, left[p]);
    wasm_v128_store(out + p * out_step + 4, right[p]);
  }
}

__attribute__((export_name("convolve"))) void convolve(
    float *out, const float *in, const float *weights, const float *bias, int rows, int pixels,
    int step, int row_step, int runs, int run, int skip, int panels, int out_step,
    int out_row_step) {
  for (int panel = 0; panel < panels; panel++) {
    for (int y = 0; y < rows; y++) {
      float *to = out + y * out_row_step;
      const float *from = in + y * row_step;
      int p = 0;
      for (; p + TILE <= pixels; p += TILE)
        tile(to + p * out_step, from + p * step, weights, bias, TILE, step, runs, run, skip,
             out_step);
      for (; p < pixels; p++)
        tile(to + p * out_step, from + p * step, weights, bias, 1, step, runs, run, skip, out_step);
    }
    weights += runs * run * 8;
    bias += 8;
    out += 8;
  }
}

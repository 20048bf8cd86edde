// The loops that take the time: a convolution, four pixels by eight channels at once, and the
// gradients of its weights, four channels by eight.
//
// packaging/web_kernel.py compiles them to kernel.wasm. Without WebAssembly, kernel.mjs does the
// same in JavaScript, and says there what the numbers mean.

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

__attribute__((export_name("correlate"))) void correlate(
    float *gradients, const float *in, const float *out, int rows, int pixels, int row_step,
    int size, int lanes, int panels, int out_step, int out_row_step) {
  for (int tap = 0; tap < size * size; tap++) {
    const float *from = in + tap / size * row_step + tap % size * lanes;
    for (int i = 0; i < lanes; i += TILE, from += TILE) {
      for (int panel = 0; panel < panels; panel++) {
        float *to = gradients + ((panel * size * size + tap) * lanes + i) * 8;
        v128_t left[TILE], right[TILE];
        for (int j = 0; j < TILE; j++) {
          left[j] = wasm_v128_load(to + j * 8);
          right[j] = wasm_v128_load(to + j * 8 + 4);
        }
        for (int y = 0; y < rows; y++) {
          const float *x = from + y * row_step, *d = out + y * out_row_step + panel * 8;
          for (int p = 0; p < pixels; p++, x += lanes, d += out_step) {
            v128_t d0 = wasm_v128_load(d), d1 = wasm_v128_load(d + 4);
            for (int j = 0; j < TILE; j++) {
              v128_t a = wasm_v128_load32_splat(x + j);
              left[j] = wasm_f32x4_add(left[j], wasm_f32x4_mul(a, d0));
              right[j] = wasm_f32x4_add(right[j], wasm_f32x4_mul(a, d1));
            }
          }
        }
        for (int j = 0; j < TILE; j++) {
          wasm_v128_store(to + j * 8, left[j]);
          wasm_v128_store(to + j * 8 + 4, right[j]);
        }
      }
    }
  }
}

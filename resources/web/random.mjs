// The random numbers of numpy.random.default_rng, digit by digit: SeedSequence (O'Neill 2015),
// PCG64 XSL-RR (O'Neill 2014) and the ziggurat for normal numbers (Marsaglia & Tsang 2000).

const fround = Math.fround;
const MASK_64 = (1n << 64n) - 1n, MASK_128 = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;

/** Whole numbers (number or BigInt, from 0 on) as 32-bit words, least first, one after another. */
function words(entropy) {
  const found = [];
  for (const value of entropy) {
    let rest = BigInt(value);
    do {
      found.push(Number(rest & 0xffffffffn));
      rest >>= 32n;
    } while (rest > 0n);
  }
  return found;
}

/** What numpy's SeedSequence(entropy).generate_state gives: eight 32-bit words. */
function seedState(entropy) {
  let constant = 0x43b0d7e5;
  const hash = (value) => {
    value ^= constant;
    constant = Math.imul(constant, 0x931e8875);
    value = Math.imul(value, constant);
    return value ^ (value >>> 16);
  };
  const mix = (x, y) => {
    const value = (Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y)) | 0;
    return value ^ (value >>> 16);
  };
  const given = words(entropy);
  const pool = [0, 1, 2, 3].map((i) => hash(given[i] ?? 0));
  for (let from = 0; from < 4; from++)
    for (let to = 0; to < 4; to++) if (from !== to) pool[to] = mix(pool[to], hash(pool[from]));
  for (const value of given.slice(4))
    for (let to = 0; to < 4; to++) pool[to] = mix(pool[to], hash(value));
  let other = 0x8b51f9dd;
  return Array.from({ length: 8 }, (_, i) => {
    let value = pool[i % 4] ^ other;
    other = Math.imul(other, 0x58f38ded);
    value = Math.imul(value, other);
    return (value ^ (value >>> 16)) >>> 0;
  });
}

// The 256 layers of the ziggurat: edges as multiples of 2^-23, and the density at each.
const TAIL = 3.6541528853610088;
const EDGE = new Float32Array(256), DENSITY = new Float32Array(256), INSIDE = new Int32Array(256);
{
  const density = (x) => Math.exp(-0.5 * x * x);
  const area = 0.004928673233974658; // of each layer; of the last with the tail
  const scale = 2 ** 23;
  let edge = TAIL;
  for (let i = 255; i > 0; i--) {
    const inner = i > 1 ? Math.sqrt(-2 * Math.log(area / edge + density(edge))) : 0;
    EDGE[i] = edge / scale;
    DENSITY[i] = density(edge);
    INSIDE[i] = Math.trunc((inner / edge) * scale);
    edge = inner;
  }
  const base = area / density(TAIL);
  EDGE[0] = base / scale;
  DENSITY[0] = 1;
  INSIDE[0] = Math.trunc((TAIL / base) * scale);
}

/** numpy.random.default_rng(entropy), as far as it is needed here. */
export class Generator {
  constructor(entropy) {
    const state = seedState(entropy);
    const wide = (i) => BigInt(state[i]) | (BigInt(state[i + 1]) << 32n);
    this.increment = (((wide(4) << 64n) | wide(6)) << 1n | 1n) & MASK_128;
    this.state = 0n;
    this.#step();
    this.state = (this.state + ((wide(0) << 64n) | wide(2))) & MASK_128;
    this.#step();
    this.kept = -1; // the other half of the last 64 bits
  }

  #step() {
    this.state = (this.state * MULTIPLIER + this.increment) & MASK_128;
  }

  /** 32 random bits. */
  next32() {
    if (this.kept >= 0) {
      const value = this.kept;
      this.kept = -1;
      return value;
    }
    this.#step();
    const turn = this.state >> 122n;
    const folded = (this.state >> 64n) ^ (this.state & MASK_64);
    const value = ((folded >> turn) | (folded << (64n - turn))) & MASK_64;
    this.kept = Number(value >> 32n);
    return Number(value & 0xffffffffn);
  }

  #nextFloat() {
    return (this.next32() >>> 8) / 16777216;
  }

  /** standard_normal(count, float32). */
  normal(count) {
    const found = new Float32Array(count);
    for (let i = 0; i < count; i++) found[i] = this.#normal();
    return found;
  }

  #normal() {
    for (;;) {
      const bits = this.next32();
      const layer = bits & 0xff, whole = bits >>> 9;
      const x = fround(whole * EDGE[layer]) * (bits & 0x100 ? -1 : 1);
      if (whole < INSIDE[layer]) return x;
      if (layer === 0) {
        for (;;) {
          const beyond = fround(-fround(1 / TAIL) * fround(Math.log1p(-this.#nextFloat())));
          const height = -fround(Math.log1p(-this.#nextFloat()));
          if (fround(height + height) > fround(beyond * beyond)) {
            const far = fround(fround(TAIL) + beyond);
            return (whole >>> 8) & 1 ? -far : far;
          }
        }
      }
      const slope = fround(DENSITY[layer - 1] - DENSITY[layer]);
      const height = fround(fround(slope * this.#nextFloat()) + DENSITY[layer]);
      if (height < Math.exp(-0.5 * x * x)) return x;
    }
  }

  /** integers(count) for one number: from 0 to count - 1 (Lemire 2019). */
  below(count) {
    if (count <= 1) return 0;
    const threshold = 2 ** 32 % count;
    for (;;) {
      const product = BigInt(this.next32()) * BigInt(count);
      if (Number(product & 0xffffffffn) >= threshold) return Number(product >> 32n);
    }
  }
}

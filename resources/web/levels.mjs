// Noise levels: log-SNR is log(alpha^2 / std^2), with alpha^2 + std^2 = 1.

/** log-SNR of a clean picture. */
export const CLEAN = 20;

export const sigmoid = (x) => 1 / (1 + Math.exp(-x));
export const alphaOf = (logSnr) => Math.sqrt(sigmoid(logSnr));
export const stdOf = (logSnr) => Math.sqrt(sigmoid(-logSnr));

/** The level t, 0 (clean) to T, at a log-SNR. `table`: the log-SNR of each t, falling. */
export function levelOf(logSnr, table) {
  if (logSnr >= table[0]) return 0;
  for (let t = 1; t < table.length; t++) {
    if (logSnr >= table[t]) return t - (logSnr - table[t]) / (table[t - 1] - table[t]);
  }
  return table.length - 1;
}

/** The log-SNR at a level t. */
export function logSnrAt(t, table) {
  const low = Math.min(Math.max(Math.floor(t), 0), table.length - 1);
  const high = Math.min(low + 1, table.length - 1);
  return table[low] + (t - low) * (table[high] - table[low]);
}

// Random numbers for test_random.py: a list of {entropy, normal, below} in, the same numbers out.
import { readFileSync } from "node:fs";
const { Generator } = await import(new URL("../../resources/web/random.mjs", import.meta.url));

const answers = JSON.parse(readFileSync(0, "utf8")).map(({ entropy, normal, below }) => {
  const generator = new Generator(entropy.map(BigInt));
  const first = Array.from(generator.normal(normal));
  return { normal: first, below: below.map((count) => generator.below(count)) };
});
process.stdout.write(JSON.stringify(answers));

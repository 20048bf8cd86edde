// Learns from sprites as the page does, for the tests: node tune.mjs FOLDER < request.json
// Pictures (a file's RGBA bytes) become sprites; the answer has these, the losses and copies.
import { readFileSync } from "node:fs";
import { join } from "node:path";
const at = (name) => new URL(`../../resources/web/${name}`, import.meta.url);
const { compiled, Kernel } = await import(at("kernel.mjs"));
const { PatchUNet, roomFor } = await import(at("network.mjs"));
const { Learner, roomToLearn } = await import(at("learning.mjs"));
const { spritesOf } = await import(at("pictures.mjs"));
const { numbersOf, rgbaOf } = await import(at("pixels.mjs"));
const { draw } = await import(at("sampling.mjs"));
const { copiesAmong, EVALUATIONS, factsToLearn, tune } = await import(at("tuning.mjs"));
const { tensorsOf, unpacked } = await import(at("weights.mjs"));

const { pictures, samples, learn } = JSON.parse(readFileSync(0, "utf8"));
const bytes = (values) => Uint8ClampedArray.from(values);
const folder = process.argv[2];
const { facts, table } = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
facts.dataMean = Float32Array.from(facts.dataMean);
const { image_size: side, channels } = facts.network;
const sprites = pictures.flatMap((file) => spritesOf({ ...file, data: bytes(file.data) }, side));
const answer = { sprites: sprites.map((rgba) => [...rgba]), copies: copiesAmong(samples.map(bytes), sprites, side) };
if (learn) {
  const tensors = tensorsOf(table, await unpacked(readFileSync(join(folder, "weights.bin"))));
  const kernel = new Kernel(
    roomFor(tensors, facts.network) + roomToLearn(facts.network), compiled(readFileSync(at("kernel.wasm"))));
  const network = new PatchUNet(kernel, tensors, facts.network, facts.prediction);
  const settings = { seed: 3, guidance: 1, steps: EVALUATIONS, colors: 0, visits: 1 };
  const drawn = () => [0, 1, 2].map((index) =>
    [...rgbaOf([...draw(network, factsToLearn(facts), settings, index)].at(-1).x0, side)]);
  answer.before = drawn();
  const seen = tune(new Learner(network), facts, sprites.map((rgba) => numbersOf(rgba, side, channels)), 1);
  answer.losses = [];
  for (const done of seen) if (done && answer.losses.push(done.loss) === learn) break; // as Stop does
  answer.after = drawn();
}
process.stdout.write(JSON.stringify(answer));

// Draws with the page's own scripts, for the tests: node draw.mjs FOLDER < request.json
// The folder holds model.json and weights.bin; the answer is JSON.
import { readFileSync } from "node:fs";
import { join } from "node:path";
const at = (name) => new URL(`../../resources/web/${name}`, import.meta.url);
const { compiled, Kernel } = await import(at("kernel.mjs"));
const { PatchUNet, roomFor } = await import(at("network.mjs"));
const { draw } = await import(at("sampling.mjs"));
const { tensorsOf, unpacked } = await import(at("weights.mjs"));

const request = JSON.parse(readFileSync(0, "utf8"));
const folder = process.argv[2];
const { facts, table } = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
facts.dataMean = Float32Array.from(facts.dataMean);
const tensors = tensorsOf(table, await unpacked(readFileSync(join(folder, "weights.bin"))));
const wasm = request.wasm ? compiled(readFileSync(at("kernel.wasm"))) : null;
const kernel = new Kernel(roomFor(tensors, facts.network), wasm);
const network = new PatchUNet(kernel, tensors, facts.network, facts.prediction);
const answer = { fast: kernel.fast };
if (request.predict) {
  answer.x0 = request.predict.map(({ x, log_snr, context, scale }) =>
    Array.from(network.predict(Float32Array.from(x), log_snr, Float32Array.from(context), scale)));
}
if (request.settings) {
  const { settings } = request;
  if (settings.drawing) settings.drawing.pixels = Float32Array.from(settings.drawing.pixels);
  const begun = performance.now();
  answer.sprites = request.indices.map((index) =>
    Array.from([...draw(network, facts, settings, index)].at(-1).x0));
  answer.ms = (performance.now() - begun) / request.indices.length;
}
process.stdout.write(JSON.stringify(answer));

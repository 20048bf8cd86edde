// Learns with the page's own scripts, for the tests: node learn.mjs FOLDER < request.json
// The answer has the loss and gradients of the first step, and what is predicted after all steps.
import { readFileSync } from "node:fs";
import { join } from "node:path";
const at = (name) => new URL(`../../resources/web/${name}`, import.meta.url);
const { compiled, Kernel } = await import(at("kernel.mjs"));
const { PatchUNet, roomFor } = await import(at("network.mjs"));
const { Learner, roomToLearn } = await import(at("learning.mjs"));
const { tensorsOf, unpacked } = await import(at("weights.mjs"));

const { wasm, steps, rate, test } = JSON.parse(readFileSync(0, "utf8"));
const folder = process.argv[2];
const { facts, table } = JSON.parse(readFileSync(join(folder, "model.json"), "utf8"));
const tensors = tensorsOf(table, await unpacked(readFileSync(join(folder, "weights.bin"))));
const kernel = new Kernel(
  roomFor(tensors, facts.network) + roomToLearn(facts.network),
  wasm ? compiled(readFileSync(at("kernel.wasm"))) : null,
);
const network = new PatchUNet(kernel, tensors, facts.network, facts.prediction);
const learner = new Learner(network);

/** Gradients of a convolution or linear map, in the order of PyTorch. */
function plain({ weights, layer, lanesIn, bias }, { out, into, size = 1 }) {
  const taps = size * size, wide = layer?.lanesIn ?? lanesIn, weight = [];
  for (let o = 0; o < out; o++)
    for (let i = 0; i < into; i++)
      for (let tap = 0; tap < taps; tap++)
        weight.push(weights.gradient[(((o >> 3) * taps + tap) * wide + i) * 8 + (o & 7)]);
  return { weight, bias: Array.from(bias.gradient.subarray(0, out)) };
}

const norm = ({ weight, bias }) => ({ weight: Array.from(weight.gradient), bias: Array.from(bias.gradient) });

function gradients() {
  const found = { head: plain(learner.head, network.head), norm: norm(learner.norm), up: plain(learner.up, network.up) };
  for (const [name, blocks, backs] of [["fine_out", network.fineOut, learner.fine], ["coarse_out", network.coarseOut, learner.coarse]]) {
    backs.forEach(({ parts }, i) => {
      for (const [part, back] of Object.entries(parts))
        found[`${name}.${i}.${part}`] = part.startsWith("norm") ? norm(back) : plain(back, blocks[i][part]);
    });
  }
  return found;
}

const floats = (values) => Float32Array.from(values);
const answer = { fast: kernel.fast, losses: [] };
for (const step of steps) {
  for (const { x0, epsilon, log_snr, context } of step)
    answer.losses.push(learner.learn(floats(x0), floats(epsilon), log_snr, floats(context)));
  answer.gradients ??= gradients();
  learner.step(rate);
}
answer.x0 = Array.from(network.predict(floats(test.x), test.log_snr, floats(test.context)));
process.stdout.write(JSON.stringify(answer));

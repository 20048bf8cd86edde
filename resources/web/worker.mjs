// The model, in a thread of its own: the page stays quick while it draws.

import { compiled, Kernel } from "./kernel.mjs";
import { PatchUNet, roomFor } from "./network.mjs";
import { draw } from "./sampling.mjs";
import { bytesOf, tensorsOf, unpacked } from "./weights.mjs";

let network = null, facts = null, newest = 0;

async function load({ model, weights, kernel }) {
  const prompts = new TextDecoder().decode(await unpacked(bytesOf(model.prompts)));
  facts = { ...model, dataMean: Float32Array.from(model.dataMean), prompts: JSON.parse(prompts) };
  const tensors = tensorsOf(model.tensors, await unpacked(bytesOf(weights)));
  const fast = new Kernel(roomFor(tensors, facts.network), compiled(bytesOf(kernel)));
  network = new PatchUNet(fast, tensors, facts.network, facts.prediction);
  postMessage({ kind: "ready", fast: fast.fast });
}

/** Lets messages that have come in the meantime be heard. */
const turn = () => new Promise((go) => setTimeout(go));

async function drawAll({ id, settings, indices }) {
  for (const index of indices) {
    const begun = performance.now(), points = [];
    for (const { x_t, x0, epsilon, logSnr } of draw(network, facts, settings, index)) {
      points.push({ x_t: Float32Array.from(x_t), x0: Float32Array.from(x0), epsilon, logSnr });
      await turn();
      if (id !== newest) return;
    }
    postMessage({ kind: "sprite", id, index, points, ms: performance.now() - begun });
  }
  postMessage({ kind: "done", id });
}

onmessage = async ({ data }) => {
  try {
    if (data.kind === "load") await load(data);
    if (data.kind === "draw") {
      newest = data.id; // what was asked for before is called off
      await drawAll(data);
    }
    if (data.kind === "stop") newest = -1;
  } catch (error) {
    postMessage({ kind: "failed", id: data.id, words: String(error?.message ?? error) });
  }
};

// The model, in a thread of its own: the page stays quick while it draws.

import { compiled, Kernel } from "./kernel.mjs";
import { Learner, roomToLearn } from "./learning.mjs";
import { PatchUNet, roomFor } from "./network.mjs";
import { draw } from "./sampling.mjs";
import { factsToLearn, STEPS, tune } from "./tuning.mjs";
import { bytesOf, tensorsOf, unpacked } from "./weights.mjs";

let loading = null, network = null, facts = null, tensors = null, program = null, taught = null, learning = null;

/** The newest drawing that each part of the page waits for: what came before is called off. */
const newest = new Map();

async function load({ model, weights, kernel }) {
  const prompts = new TextDecoder().decode(await unpacked(bytesOf(model.prompts)));
  facts = { ...model, dataMean: Float32Array.from(model.dataMean), prompts: JSON.parse(prompts) };
  tensors = tensorsOf(model.tensors, await unpacked(bytesOf(weights)));
  program = compiled(bytesOf(kernel));
  const fast = new Kernel(roomFor(tensors, facts.network), program);
  network = new PatchUNet(fast, tensors, facts.network, facts.prediction);
  postMessage({ kind: "ready", fast: fast.fast });
}

/** Lets messages that have come in the meantime be heard; a timer would take milliseconds. */
const turns = [], { port1, port2 } = new MessageChannel();
port1.onmessage = () => turns.shift()();
const turn = () => new Promise((go) => {
  turns.push(go);
  port2.postMessage(null);
});

/** `settings.by`: "before" or "after" learning, as two of a kind; else the model as it is. */
async function drawAll({ id, who, settings, indices }) {
  newest.set(who, id);
  await loading;
  const by = settings.by === "after" ? taught : network;
  const how = settings.by ? factsToLearn(facts) : facts;
  for (const index of indices) {
    const begun = performance.now(), points = [];
    for (const { x_t, x0, epsilon, logSnr } of draw(by, how, settings, index)) {
      points.push({ x_t: Float32Array.from(x_t), x0: Float32Array.from(x0), epsilon, logSnr });
      await turn();
      if (newest.get(who) !== id) return;
    }
    postMessage({ kind: "sprite", id, index, points, ms: performance.now() - begun });
  }
  postMessage({ kind: "done", id });
}

/** Teaches a copy of the model; another learning, or "halt", ends this one with what it knows. */
async function learn({ id, pictures, seed }) {
  learning = id;
  await loading;
  taught = null; // its memory first
  const kernel = new Kernel(roomFor(tensors, facts.network) + roomToLearn(facts.network), program);
  taught = new PatchUNet(kernel, tensors, facts.network, facts.prediction);
  for (const done of tune(new Learner(taught), facts, pictures, seed)) {
    if (done) postMessage({ kind: "step", id, steps: STEPS, ...done });
    await turn();
    if (learning !== id) break;
  }
  postMessage({ kind: "done", id });
}

onmessage = async ({ data }) => {
  try {
    if (data.kind === "load") await (loading = load(data));
    if (data.kind === "draw") await drawAll(data);
    if (data.kind === "stop") newest.delete(data.who);
    if (data.kind === "learn") await learn(data);
    if (data.kind === "halt") learning = null;
  } catch (error) {
    postMessage({ kind: "failed", id: data.id, words: String(error?.message ?? error) });
  }
};

// Small things about the page's elements.

import { paint } from "./pixels.mjs";

/** The element of an id. */
export const the = (id) => document.getElementById(id);

/** A new element with properties and children (elements or text, which is never markup). */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && name !== "role") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Options of a select: [value, words] pairs. */
export function fillChoice(select, options) {
  select.replaceChildren(...options.map(([value, words]) => make("option", { value }, words)));
}

/** Puts new children in the place of as many old ones; the rest of these stays until it is replaced. */
export function renew(parent, children) {
  parent.replaceChildren(...children, ...[...parent.children].slice(children.length));
}

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** A button that shows a sprite, RGBA bytes. */
export function spriteButton(rgba, side, label, choose) {
  const canvas = make("canvas", { className: "picture" });
  paint(canvas, rgba, side);
  const button = make("button", { type: "button", className: "sprite" }, canvas);
  button.setAttribute("aria-label", label);
  button.addEventListener("click", choose);
  return button;
}

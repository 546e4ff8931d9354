// Shows the SVG that Python draws, and morphs the page to each new frame of it.
// Elements are the same from frame to frame when their data-key is: they move instead of blink.

const FADE = 250; // milliseconds
const CROWD = 60; // that many may glide at once: more are hard to follow, and to draw 60 times a second

/** @returns {boolean} whether the reader wants things to move */
function moving() {
  return !globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches;
}

/** @param {Node} node @returns {string | null} what it is called from frame to frame */
function keyOf(node) {
  return node.nodeType === 1 ? node.getAttribute("data-key") : null;
}

/** @param {Node} node @returns {boolean} whether it is fading out: no longer part of the picture */
function leaving(node) {
  return node.nodeType === 1 && node.hasAttribute("data-leaving");
}

/** @param {Element} node */
function enter(node) {
  if (moving()) node.animate?.([{ opacity: 0 }, { opacity: 1 }], { duration: FADE });
}

/** @param {Element} node */
function leave(node) {
  if (!keyOf(node) || !node.animate || !moving()) return node.remove();
  node.setAttribute("data-leaving", "");
  node.animate([{ opacity: 1 }, { opacity: 0 }], { duration: FADE }).finished.finally(() => node.remove());
}

/** Moves or inserts; moveBefore, where the browser has it, keeps a running transition. */
function place(parent, node, before) {
  if (node.parentNode === parent && parent.moveBefore) parent.moveBefore(node, before);
  else parent.insertBefore(node, before);
}

/** By name: a list of attributes would make an object of each. @param {Element} have @param {Element} want */
function morphAttributes(have, want) {
  const names = want.getAttributeNames();
  for (const name of names) {
    const value = want.getAttribute(name);
    if (have.getAttribute(name) !== value) have.setAttribute(name, value);
  }
  const had = have.getAttributeNames();
  if (had.length === names.length) return; // it has all that are wanted, and so no others
  for (const name of had) if (!want.hasAttribute(name)) have.removeAttribute(name);
}

/** @param {Node} node @param {Node} want @returns {boolean} whether one may become the other */
function alike(node, want) {
  return node.nodeName === want.nodeName && keyOf(node) === keyOf(want);
}

/**
 * Makes the children of `have` those of `want`. What is no longer wanted goes first: then what
 * stays is in order already, is not moved, and so keeps its transitions.
 * @param {Element} have @param {Element} want
 */
function morphChildren(have, want) {
  const wanted = new Set([...want.childNodes].map(keyOf).filter(Boolean));
  const keyed = new Map();
  for (const node of [...have.childNodes]) {
    const key = keyOf(node);
    if (!key || leaving(node)) continue;
    if (wanted.has(key)) keyed.set(key, node);
    else leave(node);
  }
  let here = have.firstChild;
  for (const next of [...want.childNodes]) {
    while (here && leaving(here)) here = here.nextSibling;
    const key = keyOf(next);
    const same = key ? keyed.get(key) : here && alike(here, next) ? here : null;
    if (key) keyed.delete(key); // it is one element's: another of that key, by mistake, is drawn anew
    if (same && alike(same, next)) {
      if (same === here) here = here.nextSibling;
      else place(have, same, here);
      morph(same, next);
    } else {
      if (same && same === here) here = here.nextSibling;
      same?.remove();
      have.insertBefore(next, here);
      if (key) enter(next);
    }
  }
  while (here) {
    const after = here.nextSibling;
    if (!leaving(here)) here.remove();
    here = after;
  }
}

/**
 * Makes the live node `have` look like `want`, keeping every element that both have.
 * @param {Node} have @param {Node} want
 */
export function morph(have, want) {
  if (have.nodeType !== 1) {
    if (have.data !== want.data) have.data = want.data;
    return;
  }
  if (have.isEqualNode(want)) return; // the browser compares faster than this does
  morphAttributes(have, want);
  if (have.firstChild || want.firstChild) morphChildren(have, want);
}

/**
 * By key, which is unique among siblings only: near enough to tell a few from a crowd.
 * @param {Element} have @param {Element} want @returns {boolean} whether too many move to glide
 */
function crowded(have, want) {
  const places = new Map();
  for (const node of have.querySelectorAll(".glide")) places.set(keyOf(node), node.getAttribute("style"));
  let count = 0;
  for (const node of want.querySelectorAll(".glide")) {
    const place = places.get(keyOf(node));
    if (place !== undefined && place !== node.getAttribute("style")) count += 1;
  }
  return count > CROWD;
}

/** @param {string} svg @returns {Element} */
function parse(svg) {
  const template = document.createElement("template");
  template.innerHTML = svg;
  return template.content.firstElementChild;
}

/** @param {DataView} data SVG as zlib packs it @returns {Promise<Element>} */
async function unpack(data) {
  const { readable, writable } = new DecompressionStream("deflate");
  const writer = writable.getWriter(); // a Blob's stream would take another process and 4 ms
  Promise.all([writer.write(data), writer.close()]).catch(() => {}); // reading fails, too
  return parse(await new Response(readable).text());
}

/** anywidget's entry point. @returns {Promise<() => void>} called when this output leaves the page */
async function render({ model, el }) {
  let root;
  const first = async () => {
    root = await unpack(model.get("picture"));
    el.appendChild(root);
  };
  const next = async (before, data, seq) => {
    const picture = await unpack(data);
    await before; // frames never overtake one another
    el.toggleAttribute("data-crowd", crowded(root, picture));
    morph(root, picture);
    model.send({ drawn: seq }); // only now may the next frame come
  };
  let shown = first();
  const show = () => {
    shown = next(shown, model.get("picture"), model.get("seq")).catch((problem) => console.error(problem));
  };
  el.classList.add("dk-live");
  const mark = () => el.toggleAttribute("data-over", !model.get("live"));
  const pick = (event) => {
    const target = event.target.closest?.("[data-pick]");
    if (target) model.send({ pick: target.getAttribute("data-pick") });
  };
  mark();
  model.on("change:picture", show);
  model.on("change:live", mark);
  el.addEventListener("click", pick);
  await shown;
  return () => {
    model.off("change:picture", show);
    model.off("change:live", mark);
    el.removeEventListener("click", pick);
    model.send({ gone: true });
  };
}

export default { render };

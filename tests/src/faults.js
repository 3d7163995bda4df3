// What a good page does not have. Run in the page by `Browser::faults`; arguments: the language it must be in.
const [language] = arguments;
const faults = [];
const say = (what, element) => faults.push(element ? `${what}: ${element.outerHTML.slice(0, 160)}` : what);
const all = (selector) => [...document.querySelectorAll(selector)];
const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest(".visually-hidden");
const words = (element) => (element?.textContent ?? "").trim();
const name = (element) =>
  element.getAttribute("aria-label") ||
  (element.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => words(document.getElementById(id))).join(" ").trim() ||
  [...(element.labels ?? [])].map(words).join(" ").trim() ||
  words(element) || element.getAttribute("alt") || element.title ||
  [...element.querySelectorAll("img[alt]")].map((img) => img.alt).join(" ").trim();

// Language, title, headings.
if (document.documentElement.lang !== language) say(`language is ${document.documentElement.lang}`);
if (!document.title.trim()) say("no title");
if (all("h1").length !== 1) say(`${all("h1").length} h1`);
let depth = 0;
for (const heading of all("h1, h2, h3, h4")) {
  const level = Number(heading.tagName[1]);
  if (depth && level > depth + 1) say(`h${level} after h${depth}`, heading);
  depth = level;
}

// Names.
for (const control of all("input:not([type=hidden]), select, textarea")) {
  if (!control.labels?.length && !control.getAttribute("aria-label")) say("a control without a label", control);
}
for (const element of all("a[href], button, summary, [role=region], [role=radiogroup], nav")) {
  if (!name(element)) say("without a name", element);
}
for (const image of all("img")) if (!image.hasAttribute("alt")) say("an image without words", image);
for (const svg of all("svg")) {
  const quiet = svg.closest("[aria-hidden=true]");
  if (!quiet && !svg.getAttribute("aria-label") && !svg.getAttribute("aria-labelledby") && !svg.querySelector(":scope > title")) say("a drawing without a name", svg);
}
for (const head of all("th")) if (!name(head) && !head.querySelector("[aria-label]")) say("a table header without words", head);
const ids = all("[id]").map((element) => element.id);
for (const id of ids.filter((id, at) => ids.indexOf(id) !== at)) say(`two elements are #${id}`);
for (const label of all("label[for]")) if (!document.getElementById(label.htmlFor)) say("a label for nothing", label);
for (const element of all("[aria-describedby]")) {
  for (const id of element.getAttribute("aria-describedby").split(" ")) if (!document.getElementById(id)) say(`described by #${id}, which is not there`, element);
}
for (const link of all("a[href^='#']")) {
  if (!document.getElementById(link.getAttribute("href").slice(1))) say("a link to no place of the page", link);
}

// Nothing sticks out sideways.
const width = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth > width) {
  say(`${document.documentElement.scrollWidth} wide in a window of ${width}`);
  for (const element of all("main *")) {
    if (shown(element) && element.getBoundingClientRect().right > width + 1 && !element.closest(".scroll, .map")) {
      say("sticks out", element);
      break;
    }
  }
}

// What is opened stays inside its card, and words inside their drawing.
const closed = all("main details:not([open], .menu, .confirm, .danger)");
closed.forEach((details) => (details.open = true));
for (const card of all(".card")) {
  const edge = card.getBoundingClientRect().right + 1;
  const out = [...card.querySelectorAll("*")].find((element) => shown(element) && element.getBoundingClientRect().right > edge && !element.closest(".scroll, .map, svg, .how"));
  if (out) say("sticks out of its card", out);
}
closed.forEach((details) => (details.open = false));
for (const text of all(".chart svg text")) {
  if (!shown(text)) continue;
  const [box, frame] = [text, text.closest("svg")].map((element) => element.getBoundingClientRect());
  if (box.left < frame.left - 1 || box.right > frame.right + 1) say("is cut off in its drawing", text);
}

// A finger hits it: 40 points for controls, 24 for the rest that stands on its own (WCAG 2.2, 2.5.8).
if (matchMedia("(pointer: coarse)").matches) {
  const small = (selector, least) => {
    for (const element of all(selector)) {
      if (!shown(element)) continue;
      const box = element.getBoundingClientRect();
      if (box.height && box.height < least - 0.5) say(`${box.height.toFixed(0)} high for a finger`, element);
    }
  };
  small("button, a.btn, summary.btn, select, input:not([type=hidden], [type=checkbox], [type=radio])", 40);
  small(".places a, .chip, .legend a, summary, label.pick, .ticks label, .langs a, .steps-list a", 24);
}

// What has the focus can be seen: one of each kind is tried.
const kinds = new Set();
for (const element of all("a[href], button, summary, input:not([type=hidden]), select, textarea, [tabindex='0']")) {
  const kind = `${element.tagName}.${element.getAttribute("class") ?? ""}.${element.type ?? ""}`;
  if (kinds.has(kind) || element.disabled || !shown(element)) continue;
  kinds.add(kind);
  const before = [element, ...element.querySelectorAll("rect")].map((e) => ({ ...getComputedStyle(e) }));
  element.focus({ focusVisible: true, preventScroll: true });
  if (document.activeElement !== element) {
    say("cannot be focused", element);
    continue;
  }
  const after = [element, ...element.querySelectorAll("rect")].map((e) => getComputedStyle(e));
  const ring = after.some((style, at) => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== before[at].boxShadow || style.strokeWidth !== before[at].strokeWidth);
  if (!ring) say(`focus cannot be seen`, element);
  element.blur();
}

// Text stands out from what is behind it: 4.5 to 1, 3 to 1 where it is large (WCAG 2.2, 1.4.3).
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const seen = new Map();
const colour = (text) => {
  if (!seen.has(text)) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    seen.set(text, [r, g, b, a / 255]);
  }
  return seen.get(text);
};
const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
const light = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const ground = (element) => {
  const layers = [];
  for (let e = element; e; e = e.parentElement) {
    const back = colour(getComputedStyle(e).backgroundColor);
    layers.push(back);
    if (back[3] === 1) break;
  }
  return layers.reduceRight((below, layer) => over(layer, below), colour(getComputedStyle(document.body).backgroundColor));
};
const looks = new Set();
for (const element of all("body *")) {
  if (element.closest("svg, option, datalist") || !shown(element)) continue;
  if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
  const style = getComputedStyle(element);
  const back = ground(element);
  const look = `${style.color} ${back}`;
  if (looks.has(look)) continue;
  looks.add(look);
  const [a, b] = [light(over(colour(style.color), back)), light(back)].sort((x, y) => y - x);
  const contrast = (a + 0.05) / (b + 0.05);
  const size = parseFloat(style.fontSize);
  const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
  if (contrast < least) say(`contrast ${contrast.toFixed(2)}`, element);
}
return faults;

// Maps of seats: movable, and with time: a slider over months. A map works without it; console.js tells of seats that have changed.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// ---- the seat map: wheel and buttons zoom, a drag moves, arrows walk from seat to seat, a hover says who
const views = new Map();
const hidden = new Set();
const draw = (map, place) => {
  const svg = $("svg", map);
  // Drawn again, the picture under the seats is shown or not as before.
  const under = $(".show-under input", map);
  if (under) {
    under.checked = !hidden.has(place);
    under.addEventListener("change", () => hidden[under.checked ? "delete" : "add"](place));
  }
  const whole = svg.getAttribute("viewBox");
  const [x0, y0, w0, h0] = whole.split(" ").map(Number);
  // Drawn again, it shows the part that was looked at.
  let view = views.get(place)?.whole === whole ? views.get(place).view : { x: x0, y: y0, w: w0, h: h0 };
  const show = () => {
    view.w = Math.min(w0, Math.max(w0 / 16, view.w));
    view.h = (view.w * h0) / w0;
    view.x = Math.min(x0 + w0 - view.w, Math.max(x0, view.x));
    view.y = Math.min(y0 + h0 - view.h, Math.max(y0, view.y));
    svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`);
    views.set(place, { whole, view });
  };
  if (view.w < w0) show();
  const at = (event) => {
    const box = svg.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  const zoom = (factor, [fx, fy] = [0.5, 0.5]) => {
    const w = Math.min(w0, Math.max(w0 / 16, view.w * factor));
    view.x += (view.w - w) * fx;
    view.y += ((view.w - w) * fy * h0) / w0;
    view.w = w;
    show();
  };
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.shiftKey) return;
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, at(event));
  }, { passive: false });

  let grip = null;
  let moved = false;
  svg.addEventListener("pointerdown", (event) => {
    // A finger scrolls the map as it scrolls the page; dragging is for mouse and pen.
    if (event.pointerType === "touch") return;
    grip = { id: event.pointerId, x: event.clientX, y: event.clientY, from: { ...view } };
    moved = false;
  });
  svg.addEventListener("pointermove", (event) => {
    if (!grip || grip.id !== event.pointerId) return;
    const box = svg.getBoundingClientRect();
    const [dx, dy] = [event.clientX - grip.x, event.clientY - grip.y];
    if (!moved && Math.hypot(dx, dy) < 5) return;
    if (!moved) svg.setPointerCapture(event.pointerId);
    moved = true;
    view.x = grip.from.x - (dx / box.width) * view.w;
    view.y = grip.from.y - (dy / box.height) * view.h;
    show();
  });
  svg.addEventListener("pointerup", () => (grip = null));
  svg.addEventListener("lostpointercapture", () => (grip = null));
  svg.addEventListener("pointerleave", () => moved || (grip = null));
  svg.addEventListener("click", (event) => moved && event.preventDefault(), true);
  svg.addEventListener("dragstart", (event) => event.preventDefault());

  const tools = $("template", map)?.content.cloneNode(true);
  if (tools) {
    map.prepend(tools);
    $("[data-zoom=in]", map).addEventListener("click", () => zoom(1 / 1.4));
    $("[data-zoom=out]", map).addEventListener("click", () => zoom(1.4));
    $("[data-zoom=all]", map).addEventListener("click", () => {
      view = { x: x0, y: y0, w: w0, h: h0 };
      show();
    });
  }

  // One stop for the tabulator, arrows inside: the nearest seat in that direction.
  const seats = $$(".seat", svg).map((link) => {
    const rect = $("rect", link);
    return { link, x: Number(rect.getAttribute("x")), y: Number(rect.getAttribute("y")) };
  });
  const home = seats.find((seat) => seat.link.hasAttribute("aria-current")) ?? seats[0];
  seats.forEach((seat) => seat !== home && seat.link.setAttribute("tabindex", "-1"));
  svg.addEventListener("keydown", (event) => {
    const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    const here = seats.find((seat) => seat.link === document.activeElement);
    if (!way || !here) return;
    event.preventDefault();
    let best = null;
    for (const seat of seats) {
      const [dx, dy] = [seat.x - here.x, seat.y - here.y];
      const along = dx * way[0] + dy * way[1];
      const aside = Math.abs(dx * way[1] + dy * way[0]);
      if (along <= 0) continue;
      const far = along + 3 * aside;
      if (!best || far < best.far) best = { seat, far };
    }
    if (!best) return;
    here.link.setAttribute("tabindex", "-1");
    best.seat.link.setAttribute("tabindex", "0");
    best.seat.link.focus();
  });

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  map.append(tip);
  // The tip replaces the browser's own: the title becomes the accessible name.
  seats.forEach(({ link }) => {
    const title = $("title", link);
    link.setAttribute("aria-label", title.textContent);
    title.remove();
  });
  svg.addEventListener("pointerover", (event) => {
    const seat = event.target.closest(".seat");
    tip.hidden = !seat || event.pointerType === "touch";
    if (seat) tip.textContent = seat.getAttribute("aria-label");
  });
  svg.addEventListener("pointermove", (event) => {
    const box = map.getBoundingClientRect();
    tip.hidden ||= moved && grip !== null;
    // Style set from script is not inline style: the policy forbids the attribute, not the object model.
    tip.style.left = `${Math.min(event.clientX - box.left + 14, box.width - 270)}px`;
    tip.style.top = `${event.clientY - box.top + 16}px`;
  });
  svg.addEventListener("pointerleave", () => (tip.hidden = true));
};
$$(".map").forEach(draw);

// ---- time: another day is the same page fetched again
addEventListener("redrawn", ({ detail: fresh }) => {
  $$(".map", $("#map-main") ?? document).forEach(draw);
  const [on, now] = ["input[name=on]", "#map-says"].map((css) => [$(css), $(css, fresh)]);
  if (on[0] && on[1]) on[0].value = on[1].value;
  if (now[0] && now[1] && now[0].textContent !== now[1].textContent) now[0].textContent = now[1].textContent;
  const paper = [$(".print-only"), $(".print-only", fresh)];
  if (paper[0] && paper[1]) paper[0].textContent = paper[1].textContent;
});
const redraw = (address) => dispatchEvent(new CustomEvent("redraw", { detail: address }));

const at = (day) => {
  const address = new URL(location.href);
  address.searchParams.set("on", day);
  return address.pathname + address.search;
};

const slide = $(".slide");
const range = slide && $("template", slide)?.content.firstElementChild?.cloneNode(true);
if (range) {
  slide.prepend(range);
  const days = range.dataset.days.split(" ");
  let soon = null;
  const say = () => range.setAttribute("aria-valuetext", days[range.value] ?? "");
  say();
  range.addEventListener("input", () => {
    say();
    clearTimeout(soon);
    soon = setTimeout(() => redraw(at(days[range.value])), 120);
  });
  $(".time form")?.addEventListener("submit", (event) => {
    const day = $("input[name=on]")?.value;
    if (!day) return;
    event.preventDefault();
    const month = days.findIndex((first) => first.slice(0, 7) === day.slice(0, 7));
    if (month >= 0) range.value = month;
    say();
    redraw(at(day));
  });
}

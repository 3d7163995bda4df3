// The console's one module. Every page works without it; it adds keys, live pages and a movable seat map.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// ---- keys: "/" search, "j" "k" rows, Enter opens, "e" the page's primary action, "?" help
let row = -1;
const rows = () => $$("table[data-rows] tbody tr");
const move = (step) => {
  const all = rows();
  if (!all.length) return;
  all[row]?.removeAttribute("aria-selected");
  row = Math.min(all.length - 1, Math.max(0, row + step));
  all[row].setAttribute("aria-selected", "true");
  all[row].scrollIntoView({ block: "nearest" });
};
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog, [contenteditable]")) return;
  const acts = {
    "/": () => $("#q")?.focus(),
    j: () => move(1),
    k: () => move(-1),
    e: () => $(".head .btn.primary")?.click(),
    "?": () => $("#keys")?.showModal(),
    Enter: () => row >= 0 && event.target === document.body && $("a", rows()[row])?.click(),
  };
  const act = acts[event.key];
  if (!act || (event.key === "Enter" && row < 0)) return;
  if (event.key !== "Enter") event.preventDefault();
  act();
});

// ---- open menus close by Escape and by a click elsewhere
const menus = () => $$("details.menu[open]");
addEventListener("click", (event) => menus().forEach((menu) => menu.contains(event.target) || menu.removeAttribute("open")));
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  menus().forEach((menu) => {
    menu.removeAttribute("open");
    $("summary", menu).focus();
  });
});

// ---- on a phone the place where we are is in view
$(".places [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// ---- a refused form starts at its errors
$("#errors")?.focus();

// ---- filters apply when they are chosen
$$("form[data-now] select").forEach((select) => select.addEventListener("change", () => select.form.requestSubmit()));

// ---- a form is sent once, however often the button is pressed
addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 10000);
});

// ---- one box ticks them all; a count says how many
$$("[data-all]").forEach((all) => {
  const boxes = () => $$(`input[type=checkbox][name="${all.dataset.all}"]`);
  const count = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    all.checked = chosen > 0 && chosen === boxes().length;
    all.indeterminate = chosen > 0 && !all.checked;
    $$("[data-count]").forEach((out) => (out.textContent = String(chosen)));
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    boxes().forEach((box) => (box.checked = all.checked));
    count();
  });
  boxes().forEach((box) => box.addEventListener("change", count));
  count();
});

// ---- live pages: the page asks again and replaces what it shows, unless somebody is in the middle of something
const busy = () => document.hidden || $("#main details[open], dialog[open]") || $("#main").contains(document.activeElement?.closest("input, select, textarea, button, a, summary"));
const live = async () => {
  const seconds = Number(document.body.dataset.refresh);
  if (!seconds) return;
  await new Promise((done) => setTimeout(done, seconds * 1000));
  if (busy()) return live();
  try {
    const answer = await fetch(location.href, { credentials: "same-origin" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = $("#main", fresh);
    if (answer.ok && next && !busy()) {
      $("#main").replaceChildren(...next.childNodes);
      if (fresh.body.dataset.refresh) document.body.dataset.refresh = fresh.body.dataset.refresh;
      else delete document.body.dataset.refresh;
    }
  } catch {
    // The line is down: the next round asks again.
  }
  live();
};
live();

// ---- the seat map: wheel and buttons zoom, a drag moves, arrows walk from seat to seat, a hover says who
$$(".map").forEach((map) => {
  const svg = $("svg", map);
  const [x0, y0, w0, h0] = svg.getAttribute("viewBox").split(" ").map(Number);
  let view = { x: x0, y: y0, w: w0, h: h0 };
  const show = () => {
    view.w = Math.min(w0, Math.max(w0 / 16, view.w));
    view.h = (view.w * h0) / w0;
    view.x = Math.min(x0 + w0 - view.w, Math.max(x0, view.x));
    view.y = Math.min(y0 + h0 - view.h, Math.max(y0, view.y));
    svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`);
  };
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
  addEventListener("pointerup", () => (grip = null));
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
});

// The console's one module. Every page works without it; it adds keys and live pages; map.js makes maps movable.

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

// ---- news: the parts of the page are fetched again and replaced; who is in the middle of something stays there
const parts = () => $$("[data-part]");
const focused = () => {
  const here = document.activeElement;
  const part = here?.closest("[data-part]");
  if (!part) return () => {};
  const seat = here.closest(".seat") && new URL(here.href.baseVal ?? here.href, location.href).searchParams.get("seat");
  const all = () => $$("a, button, input, select, summary", document.getElementById(part.id));
  const at = all().indexOf(here);
  // The same seat, or what stands in the same place.
  const again = () => (seat ? $$(".seat", document.getElementById(part.id)).find((link) => link.getAttribute("href").includes(`seat=${seat}`)) : all()[at]);
  return () => {
    const next = again();
    if (seat && next) {
      $$(".seat[tabindex='0']").forEach((link) => link.setAttribute("tabindex", "-1"));
      next.setAttribute("tabindex", "0");
    }
    next?.focus({ preventScroll: true });
  };
};

let asked = null;
const redraw = async (address) => {
  asked?.abort();
  const mine = (asked = new AbortController());
  try {
    const answer = await fetch(address, { credentials: "same-origin", signal: mine.signal });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine.signal.aborted) return;
    const restore = focused();
    parts().forEach((part) => {
      const next = fresh.getElementById(part.id);
      if (!next) return;
      Object.assign(part.dataset, next.dataset);
      part.replaceChildren(...next.childNodes);
    });
    // Maps that were replaced become movable again.
    dispatchEvent(new CustomEvent("redrawn", { detail: fresh }));
    restore();
    history.replaceState(null, "", address);
    listen();
  } catch {
    // The line is down, or something newer was asked for.
  }
};
addEventListener("redraw", (event) => redraw(event.detail));

// One line to the server while the page is in view; news that the page shows already is no news.
let line = null;
const listen = () => {
  const place = $("[data-live]");
  const address = place?.dataset.live;
  if (line && (document.hidden || line.address !== address)) {
    line.close();
    line = null;
  }
  if (!address || document.hidden || line) return;
  line = new EventSource(address);
  line.address = address;
  line.addEventListener("mark", (event) => event.data !== place.dataset.seen && redraw(location.href));
};
document.addEventListener("visibilitychange", listen);
addEventListener("pagehide", () => line?.close());
listen();

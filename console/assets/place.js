// Seats are set down on their floor: dragged, or walked with the arrow keys, alone or several together. The numbers below
// the map are what is sent; without script they are filled in by hand.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

const MOST = 1000000;
const begin = (place) => {
  const form = place.closest("form");
  const svg = $("svg", place);
  const status = $("#place-says");
  const field = (axis, id) => form.elements.namedItem(`${axis}-${id}`);
  const seats = $$(".seat", svg).map((link) => {
    const id = link.getAttribute("href").slice(3);
    const title = $("title", link);
    const seat = { id, link, rect: $("rect", link), code: title.textContent, x: field("x", id), y: field("y", id), was: field("was", id) };
    title.remove();
    link.setAttribute("role", "button");
    link.setAttribute("aria-describedby", "place-keys");
    return seat;
  });
  const of = new Map(seats.map((seat) => [seat.link, seat]));
  const chosen = new Set();
  const past = [];

  const at = (seat) => [Number(seat.x.value) || 0, Number(seat.y.value) || 0];
  const moved = (seat) => `${seat.x.value.trim()},${seat.y.value.trim()}` !== seat.was.value;
  const said = (seat) => {
    const [x, y] = at(seat);
    return place.dataset.says.replace("%c", seat.code).replace("%x", x).replace("%y", y);
  };
  const show = (seat) => {
    const [x, y] = at(seat);
    seat.rect.setAttribute("x", x / 10);
    seat.rect.setAttribute("y", y / 10);
    seat.link.setAttribute("aria-label", said(seat));
    seat.link.setAttribute("aria-pressed", chosen.has(seat));
    seat.link.classList.toggle("moved", moved(seat));
  };
  const tell = (seat) => {
    const count = seats.filter(moved).length;
    status.textContent = `${seat ? `${said(seat)}. ` : ""}${place.dataset.count.replace("%n", count)}`;
  };
  const choose = (list) => {
    const changed = new Set([...chosen, ...list]);
    chosen.clear();
    list.forEach((seat) => chosen.add(seat));
    changed.forEach(show);
  };
  const toggle = (seat) => choose(chosen.has(seat) ? [...chosen].filter((other) => other !== seat) : [...chosen, seat]);
  // Together, as far as the first of them comes to an edge.
  const put = (list, from, dx, dy) => {
    const clamp = (d, axis) => {
      const all = from.map((spot) => spot[axis]);
      return Math.min(MOST - Math.max(...all), Math.max(-Math.min(...all), d));
    };
    const [x, y] = [clamp(dx, 0), clamp(dy, 1)];
    list.forEach((seat, n) => {
      seat.x.value = from[n][0] + x;
      seat.y.value = from[n][1] + y;
      show(seat);
    });
  };
  const remember = (list) => {
    past.push(list.map((seat) => [seat, seat.x.value, seat.y.value]));
    undo.disabled = false;
  };
  const home = (seat) => {
    seats.forEach((other) => other.link.setAttribute("tabindex", other === seat ? "0" : "-1"));
  };

  // ---- a step back
  const tools = $("template", form.querySelector(".buttons"));
  tools.replaceWith(tools.content.cloneNode(true));
  const undo = $("[data-undo]", form);
  const back = () => {
    const step = past.pop();
    step?.forEach(([seat, x, y]) => {
      [seat.x.value, seat.y.value] = [x, y];
      show(seat);
    });
    undo.disabled = past.length === 0;
    tell(step?.[0][0]);
  };
  undo.addEventListener("click", back);

  // ---- by pointer: a seat moves with it, and those chosen with it; elsewhere the map does
  const whole = svg.getAttribute("viewBox").split(" ").map(Number);
  let view = [...whole];
  const look = (next) => {
    view = next;
    svg.setAttribute("viewBox", view.join(" "));
  };
  const zoom = (factor) => {
    const w = Math.min(whole[2], Math.max(whole[2] / 16, view[2] * factor));
    const h = (w * whole[3]) / whole[2];
    look([view[0] + (view[2] - w) / 2, view[1] + (view[3] - h) / 2, w, h]);
  };
  const zooms = $("template", place);
  if (zooms) {
    $(".map", place).prepend(zooms.content.cloneNode(true));
    $("[data-zoom=in]", place).addEventListener("click", () => zoom(1 / 1.4));
    $("[data-zoom=out]", place).addEventListener("click", () => zoom(1.4));
    $("[data-zoom=all]", place).addEventListener("click", () => look([...whole]));
  }
  const point = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  let grip = null;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const seat = of.get(event.target.closest(".seat"));
    // A finger scrolls the map as it scrolls the page.
    if (!seat && event.pointerType === "touch") return;
    const list = seat && chosen.has(seat) ? [...chosen] : seat ? [seat] : [];
    grip = { id: event.pointerId, seat, list, from: list.map(at), start: point(event), more: event.shiftKey || event.ctrlKey || event.metaKey, moved: false };
    svg.setPointerCapture(event.pointerId);
    if (seat) {
      home(seat);
      seat.link.focus({ preventScroll: true });
      event.preventDefault();
    }
  });
  svg.addEventListener("pointermove", (event) => {
    if (!grip || grip.id !== event.pointerId) return;
    const now = point(event);
    const [dx, dy] = [now.x - grip.start.x, now.y - grip.start.y];
    const scale = svg.getScreenCTM().a;
    if (!grip.moved && Math.hypot(dx, dy) * scale < 4) return;
    if (!grip.moved && grip.seat) {
      if (!chosen.has(grip.seat)) choose([grip.seat]);
      remember(grip.list);
    }
    grip.moved = true;
    if (!grip.seat) return look([view[0] - dx, view[1] - dy, view[2], view[3]]);
    // To the centimetre.
    put(grip.list, grip.from, Math.round(dx) * 10, Math.round(dy) * 10);
  });
  const drop = () => {
    if (!grip) return;
    if (grip.seat && grip.moved) tell(grip.seat);
    else if (grip.seat) grip.more ? toggle(grip.seat) : choose([grip.seat]);
    else if (!grip.moved) choose([]);
    grip = null;
  };
  svg.addEventListener("pointerup", drop);
  svg.addEventListener("pointercancel", drop);
  svg.addEventListener("dragstart", (event) => event.preventDefault());
  // What a pointer does is done; a click without one comes from those who cannot see the map.
  svg.addEventListener("click", (event) => {
    event.preventDefault();
    const seat = of.get(event.target.closest(".seat"));
    if (seat && event.detail === 0) toggle(seat);
  });

  // ---- by keys
  svg.addEventListener("keydown", (event) => {
    const seat = of.get(document.activeElement);
    if (!seat) return;
    const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    const next = { PageDown: 1, PageUp: -1 }[event.key];
    if (way) {
      const list = chosen.has(seat) ? [...chosen] : [seat];
      const step = event.shiftKey ? 10 : 100;
      remember(list);
      put(list, list.map(at), way[0] * step, way[1] * step);
      tell(seat);
    } else if (next) {
      const other = seats[(seats.indexOf(seat) + next + seats.length) % seats.length];
      home(other);
      other.link.focus();
    } else if (event.key === " ") toggle(seat);
    else if (event.key === "Escape") choose([]);
    else return;
    event.preventDefault();
  });
  form.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || event.target.matches("input")) return;
    event.preventDefault();
    back();
  });

  // ---- the numbers
  const rows = new Map(seats.flatMap((seat) => [[seat.x, seat], [seat.y, seat]]));
  form.addEventListener("input", (event) => {
    const seat = rows.get(event.target);
    if (!seat) return;
    show(seat);
    tell(seat);
  });
  // Only what was moved is sent; a page that is gone back to has all its numbers again.
  const send = (all) => seats.forEach((seat) => [seat.x, seat.y, seat.was].forEach((input) => (input.disabled = !all && !moved(seat))));
  form.addEventListener("submit", () => send(false));
  addEventListener("pageshow", () => send(true));

  seats.forEach(show);
  home(seats[0]);
  if (seats.some(moved)) tell();
};
$$("[data-place]").forEach(begin);

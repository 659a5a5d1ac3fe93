// ---- what is under the pointer

function find(x, y) {
  if (x < LABELS) return null;
  for (const lane of lanes) {
    if (y < lane.top || y >= lane.top + lane.height) continue;
    const row = lanes.indexOf(lane);
    const mark = marks.find(([on, , when]) => on === row && Math.abs(toX(when) - x) < 4);
    if (mark && y < lane.top + PAD + 4) return { mark };
    const slot = lane.slots[Math.floor((y - lane.top - PAD) / SLOT)];
    if (!slot) return mark ? { mark } : null;
    const near = toTime(x - 3), until = toTime(x + 3), exact = toTime(x);
    let best = null;
    for (let index = first(slot, near, END); index < slot.length && slot[index][BEGIN] <= until; index++) {
      const distance = Math.max(slot[index][BEGIN] - exact, exact - slot[index][END], 0);
      if (!best || distance < best.distance) best = { span: slot[index], distance };
    }
    return best || (mark ? { mark } : null);
  }
  return null;
}

function describe(found) {
  if (found.mark) {
    const [row, name, when] = found.mark;
    return [data.names[name], [["mark in", data.tracks[row].name], ["at", time(when)]]];
  }
  const span = found.span, track = data.tracks[span[TRACK]];
  const lines = [[KIND_LABELS[data.kinds[span[KIND]]], track.main ? "main" : `${track.name}, priority ${track.priority}`]];
  const length = span[END] - span[BEGIN];
  lines.push(["length", time(length)]);
  if (length - span[OWN] > 1e-9) lines.push(["of it running", time(span[OWN])]);
  if (span[LEVEL]) lines.push(["masks up to", `priority ${span[LEVEL]}${span[LEVEL] === data.priorities ? " (all)" : ""}`]);
  lines.push(["from", time(span[BEGIN])]);
  if (span[CUT]) lines.push(["cut", "its other end was not seen"]);
  return [data.names[span[NAME]], lines];
}

const tip = byId("tip");
function showTip(found, x, y) {
  tip.hidden = !found;
  if (!found) return;
  const [title, lines] = describe(found);
  const list = element("dl", {}, ...lines.flatMap(([what, value]) => [element("dt", { textContent: what }), element("dd", { textContent: value })]));
  tip.replaceChildren(element("b", { textContent: title }), list);
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.min(x + 14, window.innerWidth - box.width - 8)}px`;
  tip.style.top = `${y + 18 + box.height > window.innerHeight ? y - box.height - 12 : y + 18}px`;
}

function pick(name) {
  picked = name;
  for (const row of document.querySelectorAll("#table tbody tr")) row.classList.toggle("picked", row.dataset.name === String(picked));
  draw();
}

function step(direction) {
  if (picked === null) return;
  const middle = (view.from + view.to) / 2;
  const own = spans.filter((span) => span[NAME] === picked).map((span) => (span[BEGIN] + span[END]) / 2).sort((a, b) => a - b);
  const slack = (view.to - view.from) * 1e-6;
  const next = direction > 0 ? own.find((each) => each > middle + slack) : own.findLast((each) => each < middle - slack);
  if (next === undefined) return;
  move(next - middle);
}

// ---- pointer and keys

canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) move((event.deltaX / plotWidth()) * (view.to - view.from));
  else zoom(Math.exp(Math.min(Math.max(event.deltaY, -120), 120) * 0.003), toTime(Math.max(event.offsetX, LABELS)));
}, { passive: false });

let drag = null;
canvas.addEventListener("pointerdown", (event) => {
  drag = { x: event.offsetX, from: view.from, moved: false };
  canvas.setPointerCapture(event.pointerId);
});
canvas.addEventListener("pointermove", (event) => {
  if (drag) {
    const dx = event.offsetX - drag.x;
    if (Math.abs(dx) > 3) drag.moved = true;
    if (drag.moved) {
      showTip(null);
      canvas.style.cursor = "grabbing";
      move(drag.from - (dx / plotWidth()) * (view.to - view.from) - view.from);
    }
    return;
  }
  const found = find(event.offsetX, event.offsetY);
  if ((found && found.span) !== hovered) { hovered = (found && found.span) || null; draw(); }
  canvas.style.cursor = found ? "pointer" : "crosshair";
  showTip(found, event.clientX, event.clientY);
});
canvas.addEventListener("pointerup", (event) => {
  if (drag && !drag.moved) {
    const found = find(event.offsetX, event.offsetY);
    const name = found ? (found.span ? found.span[NAME] : found.mark[1]) : null;
    pick(name === picked ? null : name);
  }
  drag = null;
  canvas.style.cursor = "crosshair";
});
canvas.addEventListener("pointerleave", () => { hovered = null; showTip(null); draw(); });
canvas.addEventListener("dblclick", (event) => {
  const found = find(event.offsetX, event.offsetY);
  if (found && found.span) {
    const slack = (found.span[END] - found.span[BEGIN]) * 0.15;
    show(found.span[BEGIN] - slack, found.span[END] + slack);
  } else show(0, DURATION);
});

let sliding = false;
function slide(event) {
  const us = ((event.offsetX - LABELS) / plotWidth()) * DURATION;
  move(us - (view.from + view.to) / 2);
}
overview.addEventListener("pointerdown", (event) => { sliding = true; overview.setPointerCapture(event.pointerId); slide(event); });
overview.addEventListener("pointermove", (event) => { if (sliding) slide(event); });
overview.addEventListener("pointerup", () => { sliding = false; });

const keys = {
  "+": () => zoom(0.6), "=": () => zoom(0.6), "-": () => zoom(1 / 0.6), "0": () => show(0, DURATION),
  ArrowLeft: () => move((view.from - view.to) * 0.2), ArrowRight: () => move((view.to - view.from) * 0.2),
  n: () => step(1), p: () => step(-1), Escape: () => pick(null),
};
window.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
byId("closer").onclick = keys["+"];
byId("farther").onclick = keys["-"];
byId("all").onclick = keys["0"];

// ---- title, tiles, legend, table

function head() {
  const summary = data.summary;
  byId("title").append(element("em", { textContent: data.app }), ` on ${summary.board}`);
  byId("subtitle").textContent = `corten trace · clock ${trim(summary.clock_hz / 1e6)} MHz`;
  const tiles = [
    [time(summary.duration_us), "recorded"],
    [percent(summary.idle_share), "asleep"],
    [percent(summary.main_share), "main context"],
    [percent(summary.interrupt_share), "interrupts"],
    [time(summary.longest_masked_us), summary.longest_masked_in ? `longest masked, in ${summary.longest_masked_in}` : "masked"],
    [count(summary.events), "events"],
  ];
  for (const [value, what] of tiles) byId("tiles").append(tile(value, what));
  if (summary.overwritten) {
    const warning = tile(count(summary.overwritten), "earlier events overwritten");
    warning.classList.add("warn");
    byId("tiles").append(warning);
  }
  const legend = [["task", "task"], ["interrupt", "interrupt"], ["lock", "lock"], ["idle", "asleep"], ["main", "main, in the processor's row"], ["mark", "mark"]];
  for (const [kind, text] of legend) {
    const swatch = element("i", {});
    swatch.style.background = `var(--${kind})`;
    byId("legend").append(element("span", {}, swatch, text));
  }
  byId("legend").append(element("span", { textContent: "hatched: interrupted" }));
}

function tile(value, what) {
  const made = element("div", { className: "tile" }, element("b", { textContent: value }), element("span", { textContent: what }));
  return made;
}

const COLUMNS = [
  ["name", "name", (row) => row.name], ["kind", "kind", (row) => KIND_LABELS[row.kind]],
  ["context", "in", (row) => (row.priority ? `${row.context}, priority ${row.priority}` : row.context)],
  ["count", "count", (row) => count(row.count)], ["total_us", "total", (row) => time(row.total_us)],
  ["own_us", "running", (row) => time(row.own_us)], ["mean", "mean", (row) => time(row.total_us / row.count)],
  ["worst_us", "worst", (row) => time(row.worst_us)], ["share", "share of time", (row) => percent(row.share)],
];
let order = null;
function table() {
  const rows = data.summary.rows.map((row) => ({ ...row, mean: row.total_us / row.count }));
  if (order) rows.sort((a, b) => (a[order.key] < b[order.key] ? -1 : a[order.key] > b[order.key] ? 1 : 0) * order.direction);
  const headings = COLUMNS.map(([key, text]) => {
    const cell = element("th", { textContent: text, scope: "col" });
    if (order && order.key === key) cell.setAttribute("aria-sort", order.direction > 0 ? "ascending" : "descending");
    cell.onclick = () => {
      order = { key, direction: order && order.key === key ? -order.direction : typeof rows[0]?.[key] === "string" ? 1 : -1 };
      table();
    };
    return cell;
  });
  document.querySelector("#table thead").replaceChildren(element("tr", {}, ...headings));
  document.querySelector("#table tbody").replaceChildren(...rows.map(tableRow));
}

function tableRow(row) {
  const cells = COLUMNS.map(([, , text]) => element("td", { textContent: text(row) }));
  const swatch = element("i", {});
  swatch.style.background = `var(--${row.kind})`;
  cells[0].prepend(swatch);
  const bar = element("span", { className: "share" }, element("b", {}));
  bar.firstChild.style.width = `${Math.min(row.share * 100, 100)}%`;
  cells[cells.length - 1].append(bar);
  const made = element("tr", {}, ...cells);
  const name = data.names.indexOf(row.name);
  made.dataset.name = name;
  made.classList.toggle("picked", picked === name);
  made.onclick = () => pick(picked === name ? null : name);
  return made;
}

// ---- start

head();
table();
readColors();
const redraw = () => { readColors(); columns = null; for (const color in hatches) delete hatches[color]; draw(); };
window.addEventListener("resize", redraw);
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
const asked_window = new URLSearchParams(location.hash.slice(1));
if (asked_window.has("from")) show(Number(asked_window.get("from")), Number(asked_window.get("to")));
else draw();

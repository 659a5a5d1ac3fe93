"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const [TRACK, DEPTH, KIND, NAME, BEGIN, END, OWN, LEVEL, CUT] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const KIND_LABELS = { task: "task", interrupt: "interrupt", lock: "lock", idle: "asleep" };
const DURATION = Math.max(data.summary.duration_us, 0.001);
const LABELS = 190, AXIS = 26, SLOT = 19, PAD = 7, MASK_HEIGHT = 30;

// ---- text

function time(us) {
  const size = Math.abs(us);
  if (size >= 1e6) return `${trim(us / 1e6)} s`;
  if (size >= 1e3) return `${trim(us / 1e3)} ms`;
  if (size >= 1 || size === 0) return `${trim(us)} µs`;
  return `${trim(us * 1e3)} ns`;
}
const trim = (value) => String(Number(value.toPrecision(4)));
const percent = (share) => (share > 0 && share < 0.0005 ? "< 0.1 %" : `${(share * 100).toFixed(1)} %`);
const count = (value) => value.toLocaleString("en");

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// ---- layout: a lane for each context, as deep as its spans nest, and one for what is masked

const spans = data.spans;
const lanes = data.tracks.map((track) => ({ track, depth: 1, slots: [] }));
for (const span of spans) {
  const lane = lanes[span[TRACK]];
  lane.depth = Math.max(lane.depth, span[DEPTH] + 1);
  (lane.slots[span[DEPTH]] ||= []).push(span);
}
let at = AXIS;
for (const lane of lanes) {
  for (let depth = 0; depth < lane.depth; depth++) (lane.slots[depth] ||= []).sort((a, b) => a[BEGIN] - b[BEGIN]);
  lane.top = at;
  lane.height = lane.depth * SLOT + 2 * PAD;
  at += lane.height;
}
const maskTop = at, HEIGHT = at + MASK_HEIGHT + 2 * PAD;
const marks = data.marks;

// ---- state

const view = { from: 0, to: DURATION };
let picked = null; // a name's index
let hovered = null;
let colors = {};

function readColors() {
  const style = getComputedStyle(document.documentElement);
  colors = {};
  for (const name of ["page", "card", "ink", "soft", "line", "lane", "task", "interrupt", "lock", "idle", "mark", "main", "on-dark", "on-light", "pick", "rust"]) {
    colors[name] = style.getPropertyValue(`--${name}`).trim();
  }
}

const canvas = byId("timeline"), overview = byId("overview");
function fit(which, height) {
  const ratio = window.devicePixelRatio || 1;
  const width = which.clientWidth;
  which.style.height = `${height}px`;
  which.width = Math.round(width * ratio);
  which.height = Math.round(height * ratio);
  const pen = which.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.font = "12px system-ui, sans-serif";
  pen.textBaseline = "middle";
  return pen;
}

const plotWidth = () => canvas.clientWidth - LABELS - 12;
const toX = (us) => LABELS + ((us - view.from) / (view.to - view.from)) * plotWidth();
const toTime = (x) => view.from + ((x - LABELS) / plotWidth()) * (view.to - view.from);

// ---- the window

const SHORTEST = Math.max(DURATION / 2e6, 2e6 / data.summary.clock_hz);
function show(from, to) {
  let length = Math.min(Math.max(to - from, SHORTEST), DURATION);
  const middle = (from + to) / 2;
  view.from = Math.min(Math.max(middle - length / 2, 0), DURATION - length);
  view.to = view.from + length;
  draw();
}
function zoom(factor, around) {
  const center = around ?? (view.from + view.to) / 2;
  const length = Math.min(Math.max((view.to - view.from) * factor, SHORTEST), DURATION);
  const share = (center - view.from) / (view.to - view.from);
  const from = Math.min(Math.max(center - share * length, 0), DURATION - length);
  view.from = from;
  view.to = from + length;
  draw();
}
function move(us) {
  const length = view.to - view.from;
  view.from = Math.min(Math.max(view.from + us, 0), DURATION - length);
  view.to = view.from + length;
  draw();
}

// ---- drawing

let asked = false;
function draw() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    drawTimeline();
    drawOverview();
    byId("window").textContent = `${time(view.from)} … ${time(view.to)}  (${time(view.to - view.from)})`;
  });
}

function ticks() {
  const wanted = (view.to - view.from) / Math.max(plotWidth() / 110, 1);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= wanted);
  const found = [];
  for (let tick = Math.ceil(view.from / step) * step; tick <= view.to; tick += step) found.push(tick);
  return [found, step];
}

function label(us, step) {
  const [unit, name] = view.to >= 1e6 ? [1e6, "s"] : view.to >= 1e3 ? [1e3, "ms"] : [1, "µs"];
  const digits = Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9));
  return `${(us / unit).toFixed(Math.min(digits, 9))} ${name}`;
}

const hatches = {};
function hatch(pen, color) {
  if (hatches[color]) return hatches[color];
  const tile = document.createElement("canvas");
  tile.width = tile.height = 6;
  const brush = tile.getContext("2d");
  brush.strokeStyle = color;
  brush.globalAlpha = 0.65;
  brush.beginPath();
  for (const start of [-6, 0, 6]) { brush.moveTo(start, 6); brush.lineTo(start + 6, 0); }
  brush.stroke();
  return (hatches[color] = pen.createPattern(tile, "repeat"));
}

function first(list, from, endIndex) {
  // The first entry that ends after `from`; those of one slot do not overlap.
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle][endIndex] < from) low = middle + 1; else high = middle;
  }
  return low;
}

function drawTimeline() {
  const pen = fit(canvas, HEIGHT), width = canvas.clientWidth, right = LABELS + plotWidth();
  pen.fillStyle = colors.card;
  pen.fillRect(0, 0, width, HEIGHT);
  lanes.forEach((lane, index) => {
    if (index % 2 === 0) { pen.fillStyle = colors.lane; pen.fillRect(0, lane.top, width, lane.height); }
  });
  drawAxis(pen, right);
  pen.save();
  pen.beginPath();
  pen.rect(LABELS, 0, plotWidth() + 1, HEIGHT);
  pen.clip();
  for (const lane of lanes) lane.slots.forEach((slot, depth) => drawSlot(pen, slot, lane.top + PAD + depth * SLOT, right));
  drawMasked(pen, right);
  drawMarks(pen);
  pen.restore();
  drawLabels(pen);
}

function drawAxis(pen, right) {
  const [found, step] = ticks();
  pen.fillStyle = colors.soft;
  pen.strokeStyle = colors.line;
  pen.lineWidth = 1;
  pen.textAlign = "left";
  for (const tick of found) {
    const x = Math.round(toX(tick)) + 0.5;
    pen.beginPath();
    pen.moveTo(x, 6);
    pen.lineTo(x, HEIGHT);
    pen.stroke();
    const text = label(tick, step);
    if (x + 6 + pen.measureText(text).width < right + 12) pen.fillText(text, x + 5, 13);
  }
}

function drawSlot(pen, slot, y, right) {
  const height = SLOT - 3;
  let lastX = -1;
  for (let index = first(slot, view.from, END); index < slot.length && slot[index][BEGIN] <= view.to; index++) {
    const span = slot[index];
    const isPicked = picked === span[NAME];
    const left = Math.max(toX(span[BEGIN]), LABELS - 2), end = Math.min(toX(span[END]), right + 2);
    const wide = Math.max(end - left, 1.5);
    if (left + wide <= lastX && !isPicked && span !== hovered) continue; // its pixels are drawn
    lastX = left + wide;
    const kind = data.kinds[span[KIND]], color = colors[kind];
    pen.globalAlpha = picked === null || isPicked || kind === "idle" ? 1 : 0.35;
    drawBody(pen, span, color, left, wide, y, height);
    if (isPicked && wide > 3 || span === hovered) {
      pen.strokeStyle = colors.pick;
      pen.lineWidth = 1.5;
      pen.strokeRect(left + 0.75, y + 0.75, Math.max(wide - 1.5, 1), height - 1.5);
    }
    if (wide > 26) drawName(pen, span, kind, left, wide, y, height);
    pen.globalAlpha = 1;
  }
}

// Solid where it ran, hatched where something more urgent did.
function drawBody(pen, span, color, left, wide, y, height) {
  pen.fillStyle = color;
  if (wide < 6 || span[OWN] >= span[END] - span[BEGIN] - 1e-6) {
    pen.fillRect(left, y, wide, height);
    return;
  }
  const fill = (style, from, to) => {
    pen.fillStyle = style;
    if (to > from) pen.fillRect(from, y, to - from, height);
  };
  const gap = hatch(pen, color), right = left + wide, runs = data.runs;
  let done = left;
  for (let index = first(runs, Math.max(span[BEGIN], view.from), 1); index < runs.length; index++) {
    const [begin, end, row] = runs[index];
    if (begin >= span[END] || begin > view.to) break;
    if (row !== span[TRACK] && !(row === -1 && data.tracks[span[TRACK]].main)) continue;
    const from = Math.max(toX(begin), left), to = Math.min(toX(end), right);
    if (to - done < 0.5) continue;
    fill(gap, done, from);
    fill(color, from, to);
    done = to;
  }
  fill(gap, done, right);
}

function drawName(pen, span, kind, left, wide, y, height) {
  pen.fillStyle = kind === "task" || kind === "interrupt" ? colors["on-dark"] : kind === "idle" ? colors.soft : colors["on-light"];
  pen.textAlign = "left";
  let text = data.names[span[NAME]];
  const room = wide - 10;
  if (pen.measureText(text).width > room) {
    while (text.length > 1 && pen.measureText(`${text}…`).width > room) text = text.slice(0, -1);
    text = text.length > 1 ? `${text}…` : "";
  }
  pen.fillText(text, left + 5, y + height / 2 + 0.5);
}

function drawMarks(pen) {
  pen.lineWidth = 1;
  for (const [row, name, when] of marks) {
    if (when < view.from || when > view.to) continue;
    const lane = lanes[row], x = toX(when);
    pen.globalAlpha = picked === null || picked === name ? 1 : 0.35;
    pen.strokeStyle = pen.fillStyle = colors.mark;
    pen.beginPath();
    pen.moveTo(x, lane.top);
    pen.lineTo(x, lane.top + lane.height);
    pen.stroke();
    pen.beginPath();
    pen.moveTo(x - 4, lane.top);
    pen.lineTo(x + 4, lane.top);
    pen.lineTo(x, lane.top + 6);
    pen.fill();
    pen.globalAlpha = 1;
  }
}

function drawMasked(pen, right) {
  const bottom = maskTop + PAD + MASK_HEIGHT;
  pen.fillStyle = colors.lock;
  let last = -1;
  data.masked.forEach(([from, level], index) => {
    const to = index + 1 < data.masked.length ? data.masked[index + 1][0] : DURATION;
    if (!level || to < view.from || from > view.to) return;
    const left = Math.max(toX(from), LABELS - 2), wide = Math.max(Math.min(toX(to), right + 2) - left, 1);
    if (left + wide <= last) return;
    last = left + wide;
    const height = (MASK_HEIGHT * level) / data.priorities;
    pen.fillRect(left, bottom - height, wide, height);
  });
  pen.strokeStyle = colors.line;
  pen.beginPath();
  pen.moveTo(LABELS, bottom + 0.5);
  pen.lineTo(right, bottom + 0.5);
  pen.stroke();
}

function drawLabels(pen) {
  pen.fillStyle = colors.line;
  pen.fillRect(LABELS - 1, 0, 1, HEIGHT);
  pen.textAlign = "left";
  for (const lane of lanes) {
    const middle = lane.top + PAD + SLOT / 2 - 1;
    const { name, handler, priority, main } = lane.track;
    pen.fillStyle = colors.ink;
    pen.font = "600 12.5px system-ui, sans-serif";
    pen.fillText(clipped(pen, name, LABELS - 62), 14, middle);
    pen.font = "12px system-ui, sans-serif";
    pen.fillStyle = colors.soft;
    pen.textAlign = "right";
    pen.fillText(main ? "" : `prio ${priority}`, LABELS - 12, middle);
    pen.textAlign = "left";
    if (handler && lane.height >= 2 * SLOT) pen.fillText(clipped(pen, handler, LABELS - 40), 14, middle + 16);
  }
  pen.fillStyle = colors.soft;
  pen.fillText("masked up to priority", 14, maskTop + PAD + MASK_HEIGHT / 2);
}

function clipped(pen, text, room) {
  if (pen.measureText(text).width <= room) return text;
  while (text.length > 1 && pen.measureText(`${text}…`).width > room) text = text.slice(0, -1);
  return `${text}…`;
}

// How much of each pixel's time each kind of context took: asleep, main, interrupts.
let columns = null;
function overviewColumns(width) {
  if (columns && columns.length === width) return columns;
  columns = Array.from({ length: width }, () => [0, 0, 0]);
  for (const [begin, end, row] of data.runs) {
    const what = row === -1 ? 0 : data.tracks[row].main ? 1 : 2;
    const from = (begin / DURATION) * width, to = (end / DURATION) * width;
    for (let x = Math.floor(from); x < Math.min(Math.ceil(to), width); x++) {
      columns[x][what] += Math.min(to, x + 1) - Math.max(from, x);
    }
  }
  return columns;
}

function drawOverview() {
  const height = 44, pen = fit(overview, height), width = plotWidth();
  pen.fillStyle = colors.card;
  pen.fillRect(0, 0, overview.clientWidth, height);
  const top = 8, inner = height - 16, whole = Math.floor(width);
  const palette = [colors.idle, colors.main, colors.interrupt];
  overviewColumns(whole).forEach((shares, x) => {
    let y = top + inner;
    shares.forEach((share, what) => {
      const tall = what === 2 && share > 0 ? Math.max(share * inner, 2) : share * inner;
      pen.fillStyle = palette[what];
      pen.fillRect(LABELS + x, what === 2 ? top : y - tall, 1, tall);
      if (what !== 2) y -= tall;
    });
  });
  const left = LABELS + (view.from / DURATION) * width, right = LABELS + (view.to / DURATION) * width;
  pen.fillStyle = colors.card;
  pen.globalAlpha = 0.72;
  pen.fillRect(LABELS, top, left - LABELS, inner);
  pen.fillRect(right, top, LABELS + width - right, inner);
  pen.globalAlpha = 1;
  pen.strokeStyle = colors.pick;
  pen.lineWidth = 1.5;
  pen.strokeRect(left - 0.5, top - 2, Math.max(right - left, 2) + 1, inner + 4);
  pen.fillStyle = colors.ink;
  pen.font = "600 12.5px system-ui, sans-serif";
  pen.fillText("processor", 14, height / 2);
}

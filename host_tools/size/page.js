"use strict";
const report = JSON.parse(document.getElementById("data").textContent);
const map = document.getElementById("map");
const tip = document.getElementById("tip");
const view = { kind: "flash", module: null };

/** Bytes as people read them. */
function bytes(count) {
  return count >= 10240 ? `${(count / 1024).toFixed(1)} KiB` : `${count} B`;
}

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** The boxes of what is looked at: modules, or the functions of one; the largest first. */
function items() {
  const sums = new Map();
  for (const piece of report.pieces) {
    if (!piece[view.kind] || (view.module !== null && piece.module !== view.module)) continue;
    const name = view.module === null ? piece.module : piece.name;
    const key = view.module === null ? `${piece.kind} ${name}` : `${name} ${piece.what}`;
    const item = sums.get(key) || { kind: piece.kind, name, what: view.module === null ? piece.kind : piece.what, size: 0 };
    item.size += piece[view.kind];
    sums.set(key, item);
  }
  return [...sums.values()].sort((one, other) => other.size - one.size);
}

/** The worst ratio of sides of boxes in a row along a side. */
function worst(row, side) {
  const sum = row.reduce((total, area) => total + area, 0);
  const sides = (sum / side) ** 2;
  return Math.max(...row.map((area) => Math.max(sides / area, area / sides)));
}

/** Places for areas in a rectangle, nearly square: M. Bruls, K. Huizing, J. van Wijk, "Squarified Treemaps", 2000. */
function squarified(areas, width, height) {
  const places = [];
  let [x, y, wide, high, at] = [0, 0, width, height, 0];
  while (at < areas.length) {
    const side = Math.min(wide, high);
    const row = [areas[at]];
    while (at + row.length < areas.length && worst([...row, areas[at + row.length]], side) <= worst(row, side)) {
      row.push(areas[at + row.length]);
    }
    const depth = row.reduce((total, area) => total + area, 0) / side;
    let along = 0;
    for (const area of row) {
      const length = area / depth;
      places.push(wide >= high ? [x, y + along, depth, length] : [x + along, y, length, depth]);
      along += length;
    }
    if (wide >= high) {
      x += depth;
      wide -= depth;
    } else {
      y += depth;
      high -= depth;
    }
    at += row.length;
  }
  return places;
}

function box(item, place, whole) {
  const [x, y, wide, high] = place;
  const made = element("div", undefined, `box ${item.kind}${view.module === null ? " inside" : ""}${wide > 40 ? "" : " small"}`);
  Object.assign(made.style, { left: `${x}px`, top: `${y}px`, width: `${wide}px`, height: `${high}px` });
  if (wide > 40 && high > 18) made.append(element("b", item.name));
  if (wide > 40 && high > 34) made.append(element("span", bytes(item.size)));
  made.addEventListener("mousemove", (event) => {
    tip.textContent = `${item.name}: ${item.what}, ${item.size} bytes, ${((100 * item.size) / whole).toFixed(2)} %`;
    tip.hidden = false;
    tip.style.left = `${Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${event.clientY + 16}px`;
  });
  made.addEventListener("mouseleave", () => { tip.hidden = true; });
  if (view.module === null) made.addEventListener("click", () => show(view.kind, item.name));
  return made;
}

function show(kind, module) {
  Object.assign(view, { kind, module });
  tip.hidden = true;
  const found = items();
  const whole = found.reduce((total, item) => total + item.size, 0);
  const [width, height] = [map.clientWidth, map.clientHeight];
  const places = squarified(found.map((item) => (item.size / whole) * width * height), width, height);
  map.replaceChildren(...found.map((item, index) => box(item, places[index], whole)));
  const path = document.getElementById("path");
  path.replaceChildren(element("span", module === null ? `All: ${bytes(whole)}` : ""));
  if (module !== null) {
    const all = element("button", "All");
    all.addEventListener("click", () => show(view.kind, null));
    path.replaceChildren(all, ` / ${module}: ${bytes(whole)}`);
  }
  document.getElementById("rows").replaceChildren(...found.slice(0, 200).map((item) => {
    const row = element("tr");
    const share = `${((100 * item.size) / whole).toFixed(1)} %`;
    row.append(...[item.name, item.what, item.size, share].map((text) => element("td", text)));
    return row;
  }));
  for (const each of ["flash", "ram"]) document.getElementById(each).setAttribute("aria-pressed", each === kind);
}

document.getElementById("title").append("corten ", element("em", "size"));
document.getElementById("subtitle").textContent = `${report.app} on ${report.board}`;
const python = report.pieces.reduce((total, piece) => total + (piece.kind === "python" ? piece.flash : 0), 0);
const tiles = [
  ["flash", report.flash], ["of it Python", python], ["RAM, variables", report.ram], ["RAM, heap and stack", report.reserved],
];
document.getElementById("tiles").append(...tiles.map(([name, count]) => {
  const tile = element("div", undefined, "tile");
  tile.append(element("b", bytes(count)), element("span", name));
  return tile;
}));
document.getElementById("legend").append(...[["python", "Python"], ["c", "C"], ["reserved", "heap, stack"]].map(([kind, name]) => {
  const entry = element("span");
  entry.append(element("i", undefined, kind), name);
  return entry;
}));
for (const kind of ["flash", "ram"]) document.getElementById(kind).addEventListener("click", () => show(kind, null));
document.addEventListener("keydown", (event) => { if (event.key === "Escape") show(view.kind, null); });
window.addEventListener("resize", () => show(view.kind, view.module));
show("flash", null);

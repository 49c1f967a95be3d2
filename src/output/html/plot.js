/* Profile plots as inline SVG, with the values under the pointer or the arrow keys read out.
   Data: {x_label, y_label, s: […], curves: [{name, y, low, high}], marks: [{s, text}], zones: [{from, to, text}]};
   null breaks a curve. */
"use strict";

function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/* A round step (1, 2 or 5 times a power of ten) that gives about `wanted` ticks. */
function roundStep(range, wanted) {
  const raw = range / wanted, power = 10 ** Math.floor(Math.log10(raw)), digit = raw / power;
  return power * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
}

class ProfilePlot {
  constructor(host, data) {
    Object.assign(this, { host, data, width: 960, height: 360, left: 62, right: 14, top: 30, bottom: 50 });
    const values = data.curves.flatMap((curve) => [...curve.y, ...curve.high]).filter((value) => value !== null);
    this.x0 = data.s[0];
    this.x1 = data.s[data.s.length - 1];
    this.y1 = Math.max(...values, 1e-9) * 1.1;
    this.output = element("output", { "aria-live": "polite" }, text.plot_hint);
    this.root = svg("svg", { viewBox: `0 0 ${this.width} ${this.height}`, tabindex: "0", role: "img",
                             "aria-label": data.title });
    this.drawZones();
    this.drawAxes();
    data.curves.forEach((curve, index) => this.drawCurve(curve, index));
    this.hair = svg("line", { class: "hair", y1: this.top, y2: this.height - this.bottom, visibility: "hidden" });
    this.root.append(this.hair);
    host.append(this.legend(), this.root, this.output);
    this.listen();
  }

  x(s) { return this.left + ((s - this.x0) / (this.x1 - this.x0)) * (this.width - this.left - this.right); }
  y(value) { return this.height - this.bottom - (value / this.y1) * (this.height - this.top - this.bottom); }

  legend() {
    const box = element("p", { class: "meta" });
    this.data.curves.forEach((curve, index) => {
      const line = svg("svg", { width: 34, height: 12, "aria-hidden": "true" });
      line.style.cssText = "display:inline-block;min-width:0;width:34px;height:12px";
      line.append(svg("path", { class: `curve c${index}`, d: "M0 6H34" }));
      box.append(line, " " + curve.name + "   ");
    });
    return box;
  }

  drawZones() {
    for (const zone of this.data.zones) {
      const from = Math.max(zone.from, this.x0), to = Math.min(zone.to, this.x1);
      if (to - from < 1) continue;
      this.root.append(svg("rect", { class: "zone", x: this.x(from), y: this.top, width: this.x(to) - this.x(from),
                                     height: this.height - this.top - this.bottom }));
      if (this.x(to) - this.x(from) > 90)
        this.root.append(svg("text", { class: "soft", x: (this.x(from) + this.x(to)) / 2, y: this.top + 16,
                                       "text-anchor": "middle" }, zone.text));
    }
  }

  drawAxes() {
    const bottom = this.height - this.bottom, stepX = roundStep(this.x1 - this.x0, 10), stepY = roundStep(this.y1, 5);
    for (let value = 0; value <= this.y1; value += stepY) {
      this.root.append(svg("line", { class: "grid", x1: this.left, x2: this.width - this.right, y1: this.y(value), y2: this.y(value) }),
                       svg("text", { x: this.left - 8, y: this.y(value) + 4, "text-anchor": "end" }, +value.toPrecision(6)));
    }
    for (let s = Math.ceil(this.x0 / stepX) * stepX; s <= this.x1; s += stepX) {
      this.root.append(svg("line", { class: "axis", x1: this.x(s), x2: this.x(s), y1: bottom, y2: bottom + 5 }),
                       svg("text", { x: this.x(s), y: bottom + 19, "text-anchor": "middle" }, +s.toPrecision(6)));
    }
    this.root.append(svg("path", { class: "axis", d: `M${this.left} ${this.top}V${bottom}H${this.width - this.right}` }),
                     svg("text", { x: (this.left + this.width) / 2, y: this.height - 8, "text-anchor": "middle" }, this.data.x_label),
                     svg("text", { transform: `translate(14 ${(this.top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, this.data.y_label));
    for (const mark of this.data.marks) {
      if (mark.s < this.x0 || mark.s > this.x1) continue;
      const at = this.x(mark.s), anchor = at < this.left + 50 ? "start" : at > this.width - 60 ? "end" : "middle";
      this.root.append(svg("line", { class: "mark", x1: at, x2: at, y1: this.top, y2: bottom }),
                       svg("text", { x: at, y: this.top - 8, "text-anchor": anchor }, mark.text));
    }
  }

  drawCurve(curve, index) {
    const s = this.data.s, kept = s.map((_, i) => i).filter((i) => curve.low[i] !== null && curve.high[i] !== null);
    if (kept.length) {
      const there = kept.map((i) => `${this.x(s[i]).toFixed(1)},${this.y(curve.high[i]).toFixed(1)}`);
      const back = kept.reverse().map((i) => `${this.x(s[i]).toFixed(1)},${this.y(curve.low[i]).toFixed(1)}`);
      this.root.append(svg("polygon", { class: `band c${index}`, points: there.concat(back).join(" ") }));
    }
    let path = "", pen = "M";
    curve.y.forEach((value, i) => {
      if (value === null) pen = "M";
      else {
        path += `${pen}${this.x(s[i]).toFixed(1)} ${this.y(value).toFixed(1)}`;
        pen = "L";
      }
    });
    this.root.append(svg("path", { class: `curve c${index}`, d: path }));
  }

  show(index) {
    this.index = Math.min(this.data.s.length - 1, Math.max(0, index));
    const at = this.x(this.data.s[this.index]), say = (value) => (value === null ? "–" : String(+value.toPrecision(4)));
    this.hair.setAttribute("x1", at);
    this.hair.setAttribute("x2", at);
    this.hair.setAttribute("visibility", "visible");
    this.output.textContent = `s = ${say(this.data.s[this.index])} mm: ` + this.data.curves.map((curve) => {
      const low = curve.low[this.index], high = curve.high[this.index];
      const band = low === null || high === null ? "" : ` (${say(low)}–${say(high)})`;
      return `${curve.name} ${say(curve.y[this.index])}${band} ${this.data.unit}`;
    }).join(" · ");
  }

  listen() {
    this.root.addEventListener("pointermove", (event) => {
      const box = this.root.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * this.width;
      const s = this.x0 + ((x - this.left) / (this.width - this.left - this.right)) * (this.x1 - this.x0);
      this.show(Math.round(((s - this.x0) / (this.x1 - this.x0)) * (this.data.s.length - 1)));
    });
    this.root.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: -1, ArrowRight: 1, PageUp: 10, PageDown: -10, Home: -1e9, End: 1e9 }[event.key];
      if (!move) return;
      this.show((this.index ?? 0) + move);
      event.preventDefault();
    });
  }
}

for (const host of document.querySelectorAll(".plot"))
  new ProfilePlot(host, JSON.parse(document.getElementById(host.dataset.source).textContent));

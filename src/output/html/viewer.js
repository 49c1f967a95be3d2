/* The slice viewer. One frame number for all panes, so that two series or two dates move together.
   Data (JSON in the page): {frames: [{label}], start, panes: [{caption, aspect, letters, images, outline, tear}]}.
   Paths are lists of closed polygons in ten-thousandths of the pane's width and height. */
"use strict";
const text = JSON.parse(document.getElementById("teno-text").textContent);

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

/* Images are decoded once, on first sight, and kept. */
class Frames {
  constructor(sources, redraw) {
    this.sources = sources;
    this.images = new Array(sources.length);
    this.redraw = redraw;
  }
  at(index) {
    if (!this.images[index]) {
      const image = (this.images[index] = new Image());
      image.onload = this.redraw;
      image.src = this.sources[index];
    }
    const image = this.images[index];
    return image.complete && image.naturalWidth ? image : null;
  }
}

class Viewer {
  constructor(host, data) {
    Object.assign(this, { host, data, frame: data.start, outline: true, tear: true, opacity: 0.35, level: 0.5, width: 1,
                          zoom: 1, panX: 0, panY: 0, wipe: false, wipeAt: 0.5 });
    this.scratch = document.createElement("canvas");
    this.pending = false;
    const redraw = () => this.request();
    this.panes = data.panes.map((pane) => ({ ...pane, frames: new Frames(pane.images, redraw) }));
    this.build();
    new ResizeObserver(redraw).observe(host);
    this.show(this.frame);
  }

  build() {
    this.status = element("p", { class: "status", "aria-live": "polite" });
    this.area = element("div", { class: "panes" });
    for (const pane of this.panes) {
      pane.canvas = element("canvas", { tabindex: "0", role: "img" });
      pane.figure = element("figure", {}, pane.canvas, element("figcaption", {}, pane.caption));
      this.area.append(pane.figure);
      this.listen(pane.canvas);
    }
    this.host.append(this.status, this.area, this.controls(), element("p", { class: "hint" }, text.viewer_hint));
  }

  range(name, label, low, high, step, wide) {
    const input = element("input", { type: "range", min: low, max: high, step, "data-for": name });
    input.value = this[name];
    input.oninput = () => (name === "frame" ? this.show(+input.value) : this.set(name, +input.value));
    (this.inputs ||= {})[name] = input;
    return element("label", wide ? { class: "wide" } : {}, label, input);
  }

  check(name, label) {
    const input = element("input", { type: "checkbox", "data-for": name });
    input.checked = this[name];
    input.onchange = () => this.set(name, input.checked);
    (this.inputs ||= {})[name] = input;
    return element("label", {}, input, label);
  }

  button(label, title, action) {
    const node = element("button", { type: "button", "aria-label": title, title }, label);
    node.onclick = action;
    return node;
  }

  controls() {
    const box = element("div", { class: "controls" });
    box.append(this.range("frame", this.data.slider, 0, this.data.frames.length - 1, 1, true));
    box.append(this.check("outline", text.outline));
    if (this.panes.some((pane) => pane.tear)) {
      box.append(this.check("tear", text.tear), this.range("opacity", text.opacity, 0, 1, 0.05));
    }
    box.append(this.range("level", text.level, 0, 1, 0.01), this.range("width", text.width, 0.05, 2, 0.01));
    box.append(this.button("+", text.zoom_in, () => this.setZoom(this.zoom * 1.25)),
               this.button("−", text.zoom_out, () => this.setZoom(this.zoom / 1.25)),
               this.button(text.reset, text.reset, () => this.reset()));
    if (this.panes.length === 2) {
      box.append(this.check("wipe", text.wipe), this.range("wipeAt", text.wipe_position, 0, 1, 0.01));
    }
    return box;
  }

  set(name, value) {
    this[name] = value;
    const input = this.inputs[name];
    if (input && input.type === "checkbox") input.checked = value;
    else if (input) input.value = value;
    if (name === "wipe") this.panes[1].figure.hidden = value;
    this.request();
  }

  reset() {
    for (const [name, value] of [["level", 0.5], ["width", 1], ["opacity", 0.35], ["wipeAt", 0.5]])
      if (this.inputs[name]) this.set(name, value);
    Object.assign(this, { zoom: 1, panX: 0, panY: 0 });
    this.request();
  }

  setZoom(zoom) {
    this.zoom = clamp(zoom, 1, 12);
    if (this.zoom === 1) this.panX = this.panY = 0;
    this.request();
  }

  show(frame) {
    this.frame = clamp(frame, 0, this.data.frames.length - 1);
    this.inputs.frame.value = this.frame;
    const label = this.data.frames[this.frame].label;
    this.inputs.frame.setAttribute("aria-valuetext", label);
    this.status.textContent = label;
    for (const pane of this.panes) pane.canvas.setAttribute("aria-label", pane.caption + ", " + label);
    this.request();
  }

  listen(canvas) {
    const keys = {
      ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 5, PageDown: -5, Home: -1e9, End: 1e9,
    };
    canvas.addEventListener("keydown", (event) => {
      const toggles = { o: "outline", t: "tear", w: "wipe" };
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key in keys) this.show(this.frame + keys[event.key]);
      else if (this.inputs[toggles[event.key]]) this.set(toggles[event.key], !this[toggles[event.key]]);
      else if (event.key === "+" || event.key === "=") this.setZoom(this.zoom * 1.25);
      else if (event.key === "-") this.setZoom(this.zoom / 1.25);
      else if (event.key === "0") this.reset();
      else return;
      event.preventDefault();
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (event.ctrlKey) this.setZoom(this.zoom * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
      else this.show(this.frame + (event.deltaY < 0 ? 1 : -1));
    }, { passive: false });
    canvas.addEventListener("pointerdown", (event) => {
      this.drag = { x: event.clientX, y: event.clientY };
      canvas.setPointerCapture(event.pointerId);
      canvas.focus();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.drag) this.dragged(event, canvas.getBoundingClientRect());
    });
    canvas.addEventListener("pointerup", () => (this.drag = null));
    canvas.addEventListener("pointercancel", () => (this.drag = null));
  }

  /* Dragging moves the wipe's edge, pans with Shift, else sets the window: right is wider, up is darker. */
  dragged(event, box) {
    const dx = (event.clientX - this.drag.x) / box.width, dy = (event.clientY - this.drag.y) / box.height;
    this.drag = { x: event.clientX, y: event.clientY };
    if (event.shiftKey) {
      this.panX += dx;
      this.panY += dy;
      this.request();
    } else if (this.wipe) {
      this.set("wipeAt", clamp((event.clientX - box.left) / box.width, 0, 1));
    } else {
      this.set("width", clamp(this.width + dx * 2, 0.05, 2));
      this.set("level", clamp(this.level - dy, 0, 1));
    }
  }

  request() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.draw();
    });
  }

  draw() {
    for (const pane of this.panes) {
      if (pane.figure.hidden) continue;
      const canvas = pane.canvas, ratio = window.devicePixelRatio || 1;
      const width = Math.round(canvas.clientWidth * ratio);
      const height = Math.round(width * pane.aspect);
      if (!width) continue;
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      const context = canvas.getContext("2d");
      context.clearRect(0, 0, width, height);
      this.drawPane(context, pane, width, height, 0, 1);
      if (this.wipe) {
        this.drawPane(context, this.panes[1], width, height, this.wipeAt, 1);
        context.fillStyle = "#fff";
        context.fillRect(this.wipeAt * width - ratio, 0, 2 * ratio, height);
      }
    }
  }

  drawPane(context, pane, width, height, from, to) {
    context.save();
    context.beginPath();
    context.rect(from * width, 0, (to - from) * width, height);
    context.clip();
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
    context.save();
    context.translate(width * (0.5 + this.panX), height * (0.5 + this.panY));
    context.scale(this.zoom, this.zoom);
    context.translate(-width / 2, -height / 2);
    const image = pane.frames.at(this.frame);
    if (image) this.drawImage(context, image, width, height);
    this.drawPaths(context, pane, width, height);
    context.restore();
    this.drawLetters(context, pane.letters, width, height);
    context.restore();
  }

  /* Window and level as a table of 256 greys; the image is small, so this is quick. */
  drawImage(context, image, width, height) {
    const scratch = this.scratch;
    Object.assign(scratch, { width: image.naturalWidth, height: image.naturalHeight });
    const small = scratch.getContext("2d", { willReadFrequently: true });
    small.drawImage(image, 0, 0);
    if (this.level !== 0.5 || this.width !== 1) {
      const pixels = small.getImageData(0, 0, scratch.width, scratch.height), bytes = pixels.data;
      const low = this.level - this.width / 2;
      const table = Uint8ClampedArray.from({ length: 256 }, (_, i) => ((i / 255 - low) / this.width) * 255);
      for (let i = 0; i < bytes.length; i += 4) bytes[i] = bytes[i + 1] = bytes[i + 2] = table[bytes[i]];
      small.putImageData(pixels, 0, 0);
    }
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(scratch, 0, 0, width, height);
  }

  path(context, polygons, width, height) {
    context.beginPath();
    for (const polygon of polygons) {
      for (let i = 0; i < polygon.length; i += 2) context.lineTo(polygon[i] * width / 1e4, polygon[i + 1] * height / 1e4);
      context.closePath();
    }
  }

  drawPaths(context, pane, width, height) {
    const line = (window.devicePixelRatio || 1) / this.zoom;
    context.lineJoin = "round";
    if (this.tear && pane.tear) {
      this.path(context, pane.tear[this.frame], width, height);
      context.fillStyle = "#e69f00";
      context.globalAlpha = this.opacity;
      context.fill("evenodd");
      context.globalAlpha = Math.min(1, this.opacity * 2);
      context.strokeStyle = "#e69f00";
      context.lineWidth = 1.5 * line;
      context.stroke();
      context.globalAlpha = 1;
    }
    if (this.outline && pane.outline) {
      this.path(context, pane.outline[this.frame], width, height);
      context.strokeStyle = "rgba(0, 0, 0, 0.6)";
      context.lineWidth = 4 * line;
      context.stroke();
      context.strokeStyle = "#56b4e9";
      context.lineWidth = 2 * line;
      context.stroke();
    }
  }

  drawLetters(context, letters, width, height) {
    const size = 15 * (window.devicePixelRatio || 1);
    context.font = `600 ${size}px system-ui, sans-serif`;
    context.textBaseline = "middle";
    context.lineWidth = size / 4;
    context.strokeStyle = "rgba(0, 0, 0, 0.8)";
    context.fillStyle = "#fff";
    const places = [["left", "left", size / 2, height / 2], ["right", "right", width - size / 2, height / 2],
                    ["up", "center", width / 2, size], ["down", "center", width / 2, height - size]];
    for (const [name, align, x, y] of places) {
      context.textAlign = align;
      context.strokeText(letters[name], x, y);
      context.fillText(letters[name], x, y);
    }
  }
}

for (const host of document.querySelectorAll(".viewer"))
  new Viewer(host, JSON.parse(document.getElementById(host.dataset.source).textContent));

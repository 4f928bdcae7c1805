// Days chosen on a histogram: drawn across with a mouse or a finger, or with two handles by keyboard. The
// bars stay the links that they are; the handles take their place in the order of focus.

const THRESHOLD = 6; // px of movement that tell a stroke from a click
const STEP = 10; // bars by Page Up and Page Down

class Brush {
  constructor(plot) {
    this.plot = plot;
    this.axis = plot.dataset.axis;
    this.bars = [...plot.querySelectorAll("svg a")];
    const inside = this.bars.map((bar, n) => (bar.classList.contains("in") ? n : -1)).filter((n) => n >= 0);
    this.rest = [inside[0] ?? 0, inside.at(-1) ?? this.bars.length - 1];
    [this.from, this.to] = this.rest;
    for (const bar of this.bars) bar.setAttribute("tabindex", "-1");
    this.pane = this.add("div", "pane");
    this.said = this.add("output", "brushed");
    this.said.setAttribute("aria-live", "off"); // the handles say the same
    this.grips = ["from", "to"].map((end) => this.grip(end));
    this.draw();
    this.plot.addEventListener("pointerdown", (event) => this.press(event));
    this.plot.addEventListener("dragstart", (event) => event.preventDefault());
    this.plot.addEventListener("focusout", (event) => {
      if (!this.plot.contains(event.relatedTarget)) this.reset();
    });
  }

  add(tag, name) {
    const one = document.createElement(tag);
    one.className = name;
    this.plot.append(one);
    return one;
  }

  grip(end) {
    const one = this.add("button", "grip");
    one.type = "button";
    one.dataset.key = `${this.axis} grip ${end}`;
    one.dataset.end = end;
    for (const [name, value] of Object.entries({
      role: "slider", "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": this.bars.length - 1,
      "aria-label": `${this.plot.dataset.title}, ${end === "from" ? "first" : "last"} days`,
      "aria-description": "Arrows move it, Shift and arrows move both, Enter shows these days, Escape leaves",
    })) one.setAttribute(name, value);
    one.addEventListener("keydown", (event) => this.key(event, end));
    return one;
  }

  set(from, to) {
    const last = this.bars.length - 1;
    const fit = (n) => Math.max(0, Math.min(last, n));
    [this.from, this.to] = [fit(Math.min(from, to)), fit(Math.max(from, to))];
    this.draw();
  }

  reset() {
    if (this.from !== this.rest[0] || this.to !== this.rest[1]) this.set(...this.rest);
    this.plot.classList.remove("brushing");
  }

  /** Left and right edge of a bar, in px of the plot. */
  edges(n) {
    const area = this.bars[n].querySelector(".hit-area").getBoundingClientRect();
    const left = this.plot.getBoundingClientRect().left;
    return [area.left - left, area.right - left];
  }

  draw() {
    const [start] = this.edges(this.from);
    const [, end] = this.edges(this.to);
    const width = this.plot.clientWidth || 1;
    this.pane.style.left = `${(start / width) * 100}%`;
    this.pane.style.width = `${((end - start) / width) * 100}%`;
    this.grips[0].style.left = `${(start / width) * 100}%`;
    this.grips[1].style.left = `${(end / width) * 100}%`;
    const count = this.bars.slice(this.from, this.to + 1).reduce((sum, bar) => sum + Number(bar.dataset.count), 0);
    // A time that is spoken of may overlap several bars: only days of publication add up.
    const counted = this.axis === "published" || this.from === this.to ? `: ${count.toLocaleString("en")}` : "";
    for (const [grip, n] of [[this.grips[0], this.from], [this.grips[1], this.to]]) {
      grip.setAttribute("aria-valuenow", n);
      grip.setAttribute("aria-valuetext", this.bars[n].getAttribute("aria-label"));
    }
    const [first, last] = [this.from, this.to].map((n) => this.bars[n].getAttribute("aria-label").split(": ")[0]);
    const words = first === last ? first : `${first.split(" to ")[0]} to ${last.split(" to ").at(-1)}`;
    this.said.textContent = `${words}${counted}`;
  }

  /** The number of the bar nearest to a place, in px of the window. */
  nearest(x) {
    const left = this.plot.getBoundingClientRect().left;
    const away = this.bars.map((_, n) => {
      const [start, end] = this.edges(n);
      return Math.max(start - (x - left), x - left - end, 0);
    });
    return away.indexOf(Math.min(...away));
  }

  press(down) {
    if (down.button || !down.isPrimary) return;
    const end = down.target.dataset?.end;
    const anchor = end ? (end === "from" ? this.to : this.from) : this.nearest(down.clientX);
    let stroke = false;
    const move = (event) => {
      if (!stroke && Math.abs(event.clientX - down.clientX) < THRESHOLD) return;
      if (!stroke) this.plot.setPointerCapture(down.pointerId);
      stroke = true;
      this.plot.classList.add("brushing");
      this.set(anchor, this.nearest(event.clientX));
    };
    const over = (event) => {
      for (const [name, listener] of [["pointermove", move], ["pointerup", over], ["pointercancel", over]]) {
        this.plot.removeEventListener(name, listener);
      }
      if (!stroke) return;
      // The click that ends a stroke is no click on a bar.
      this.plot.addEventListener("click", stop, { capture: true, once: true });
      setTimeout(() => this.plot.removeEventListener("click", stop, { capture: true }), 50);
      if (event.type === "pointerup") this.apply();
      else this.reset();
    };
    this.plot.addEventListener("pointermove", move);
    this.plot.addEventListener("pointerup", over);
    this.plot.addEventListener("pointercancel", over);
  }

  key(event, end) {
    const page = Math.max(1, Math.min(STEP, Math.floor(this.bars.length / 4)));
    const last = this.bars.length - 1;
    const steps = {
      ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1,
      PageDown: -page, PageUp: page, Home: -last, End: last,
    };
    if (event.key === "Enter" || event.key === " ") this.apply();
    else if (event.key === "Escape") this.reset();
    else if (event.key in steps) this.step(steps[event.key], end, event.shiftKey);
    else return;
    event.preventDefault();
  }

  step(by, end, both) {
    this.plot.classList.add("brushing");
    if (both) {
      const room = by < 0 ? Math.max(by, -this.from) : Math.min(by, this.bars.length - 1 - this.to);
      this.set(this.from + room, this.to + room);
    } else if (end === "from") this.set(Math.min(this.from + by, this.to), this.to);
    else this.set(this.from, Math.max(this.to + by, this.from));
  }

  apply() {
    const to = new URL(this.bars[this.from].getAttribute("href"), location.href);
    to.searchParams.set(`${this.axis}_from`, this.bars[this.from].dataset.from);
    to.searchParams.set(`${this.axis}_to`, this.bars[this.to].dataset.to);
    document.dispatchEvent(new CustomEvent("dateline:go", { detail: to.pathname + to.search }));
  }
}

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

function brushes() {
  for (const plot of document.querySelectorAll("#results .plot, dialog .plot")) {
    if (!plot.querySelector(".grip") && plot.querySelector("svg a")) new Brush(plot);
  }
}

document.addEventListener("dateline:shown", brushes);
document.addEventListener("dateline:card", brushes);
brushes();

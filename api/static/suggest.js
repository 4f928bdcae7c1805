// Completions, corrections, names and recent searches below the box: the combobox of the ARIA Authoring
// Practices, a list box whose active option the box names. Recent searches never leave this browser.

const WAIT = 200; // ms after the last key: they are for who stops to think, and results go first
const STORE = "dateline.recent";
const MOST = 8;
const KINDS = { person: "person", org: "organisation", place: "place" };
const box = document.getElementById("q");
const form = document.getElementById("ask");
const list = document.createElement("ul");
let asking = null;
let timer = 0;
let active = -1;

list.id = "suggestions";
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", "Suggestions");
list.hidden = true;
box.after(list);
for (const [name, value] of Object.entries({
  role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
  "aria-controls": list.id, "aria-haspopup": "listbox",
})) box.setAttribute(name, value);

function recent() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORE) ?? "[]");
    return Array.isArray(kept) ? kept.filter((q) => typeof q === "string").slice(0, MOST) : [];
  } catch {
    return [];
  }
}

function keep(q) {
  q = q.trim();
  if (!q || q.length > 200) return;
  store([q, ...recent().filter((other) => other !== q)].slice(0, MOST));
}

function store(searches) {
  try {
    if (searches.length) localStorage.setItem(STORE, JSON.stringify(searches));
    else localStorage.removeItem(STORE);
  } catch { /* a browser that keeps nothing keeps no searches */ }
}

function choices(found) {
  const words = found.words.filter((w) => w !== box.value).slice(0, 4);
  return [
    ...(found.suggestion ? [{ text: found.suggestion, note: "did you mean", act: () => search(found.suggestion) }] : []),
    ...words.map((w) => ({ text: w, act: () => search(w) })),
    ...found.entities.slice(0, 4).map((e) => ({ text: e.name, note: KINDS[e.kind], act: () => choose(e) })),
  ];
}

function past() {
  const searches = recent();
  const clear = { text: "Forget these searches", className: "forget", act: () => { store([]); close(); } };
  return searches.length ? [...searches.map((q) => ({ text: q, note: "searched before", act: () => search(q) })), clear] : [];
}

function open(options) {
  active = -1;
  list.replaceChildren(...options.map((option, n) => {
    const item = document.createElement("li");
    const text = document.createElement("bdi");
    item.id = `suggestion-${n}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.className = option.className ?? "";
    text.textContent = option.text;
    item.append(text);
    if (option.note) {
      const note = document.createElement("span");
      note.textContent = ` ${option.note}`;
      item.append(note);
    }
    item.addEventListener("click", () => { close(); option.act(); });
    return item;
  }));
  list.hidden = !options.length;
  box.setAttribute("aria-expanded", String(!list.hidden));
  box.removeAttribute("aria-activedescendant");
}

function close() {
  clearTimeout(timer);
  asking?.abort();
  open([]);
}

function activate(n) {
  const items = list.children;
  items[active]?.setAttribute("aria-selected", "false");
  active = n;
  if (items[n]) {
    items[n].setAttribute("aria-selected", "true");
    items[n].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", items[n].id);
  } else box.removeAttribute("aria-activedescendant");
}

function search(q) {
  box.value = q;
  form.requestSubmit();
}

/** A name is chosen as one: its words leave the box, and the facet takes it. */
function choose({ kind, id }) {
  const to = new URL(location.href);
  const words = box.value.replace(/[^\s]+\s*$/, "").trim();
  if (words) to.searchParams.set("q", words);
  else to.searchParams.delete("q");
  to.searchParams.delete("cursor");
  if (!to.searchParams.getAll(kind).includes(id)) to.searchParams.append(kind, id);
  document.dispatchEvent(new CustomEvent("dateline:go", { detail: to.pathname + to.search }));
}

async function suggest() {
  asking?.abort();
  if (!box.value.trim()) return open(past());
  const mine = (asking = new AbortController());
  try {
    const to = new URL("api/v1/suggest", new URL(form.action));
    to.searchParams.set("q", box.value.slice(0, 500));
    const answer = await fetch(to, { signal: mine.signal });
    const found = answer.ok ? await answer.json() : null;
    if (!mine.signal.aborted && document.activeElement === box) open(found ? choices(found) : []);
  } catch { /* without suggestions the box is a box */ }
}

box.addEventListener("input", () => {
  clearTimeout(timer);
  if (box.value.trim()) timer = setTimeout(suggest, WAIT);
  else suggest();
});
box.addEventListener("focus", () => { if (!box.value.trim()) suggest(); });
box.addEventListener("click", () => { if (!box.value.trim() && list.hidden) suggest(); });
box.addEventListener("blur", close);
list.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the box

box.addEventListener("keydown", (event) => {
  const count = list.children.length;
  if (event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (list.hidden) return void suggest();
    const step = event.key === "ArrowDown" ? 1 : -1;
    activate(active < 0 && step < 0 ? count - 1 : active + step >= count ? -1 : active + step);
  } else if (event.key === "Enter" && active >= 0 && !list.hidden) {
    event.preventDefault();
    list.children[active].click();
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    close();
  }
});

form.addEventListener("submit", close);
document.addEventListener("dateline:meant", (event) => keep(event.detail));
document.addEventListener("click", (event) => { if (event.target.closest(".hit h2 a")) keep(box.value); });

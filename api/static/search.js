// Results as you type. The server renders every search as a whole page; here its #results are put in the
// place of ours, the address bar follows, and focus, scrolling and what was unfolded stay where they were.
// Other modules ask for a search by the event dateline:go and hear of a new one by dateline:shown.

const PAUSE = 60; // ms: keys that come faster than answers are taken together
const REMEMBERED = 40; // pages kept for going back
const ALTERNATES = "link[rel=alternate]";
const box = document.getElementById("q");
const form = document.getElementById("ask");
const told = document.getElementById("told");
const home = new URL(form.action).pathname;
const pages = new Map(); // address → the page's HTML
let results = document.getElementById("results");
let shown = here();
let asking = null; // AbortController of the search under way
let timer = 0;
let typing = false; // keys since the last search that was meant to stay: they share one place in history

function here() {
  return location.pathname + location.search;
}

function remember(address, html) {
  pages.delete(address);
  pages.set(address, html);
  if (pages.size > REMEMBERED) pages.delete(pages.keys().next().value);
}

async function ask(address, signal) {
  const answer = await fetch(address, { signal, headers: { Accept: "text/html" } });
  return read(await answer.text());
}

function read(html) {
  const whole = new DOMParser().parseFromString(html, "text/html");
  const found = whole.getElementById("results");
  if (!found) throw new Error("not a page of results");
  const links = [...whole.head.querySelectorAll(ALTERNATES)]; // its feeds, and how it is embedded
  return { html, results: found, title: whole.title, q: whole.getElementById("q").value, links };
}

/** Show a search. `how`: push or replace the address, or null when it is there already. */
async function go(address, { how = "push", begun = false, top = false, scroll = null, words = true } = {}) {
  clearTimeout(timer);
  asking?.abort();
  const mine = (asking = new AbortController());
  results.setAttribute("aria-busy", "true");
  try {
    const kept = how === null ? pages.get(address) : null;
    let page = kept ? read(kept) : await ask(address, mine.signal);
    let last = null;
    // Where nothing was found for an unfinished word, what begins with it may be.
    const open = begun && page.results.querySelector("a.begun")?.getAttribute("href");
    const more = open && (await ask(open, mine.signal));
    if (more && !more.results.querySelector(".nothing")) {
      last = box.value;
      address = open;
      page = more;
    }
    if (mine.signal.aborted) return;
    if (how) history[`${how}State`]({ y: how === "push" ? 0 : scrollY }, "", address);
    if (begun) typing = true; // not before: a cancelled search has made no place for the next to take
    show(address, page, { words: words && !begun, top, scroll, last });
  } catch (error) {
    if (error.name === "AbortError") return;
    if (begun) say("The archive does not answer; what is shown is from before.");
    else location.assign(address); // let the browser show what is wrong
  } finally {
    if (asking === mine) {
      asking = null;
      results.removeAttribute("aria-busy");
    }
  }
}

function show(address, page, { words, top, scroll, last }) {
  remember(address, page.html);
  shown = address;
  document.title = page.title;
  for (const link of document.head.querySelectorAll(ALTERNATES)) link.remove();
  document.head.append(...page.links);
  if (words) box.value = page.q;
  const place = top || scroll !== null ? null : grasp();
  const unfolded = [...results.querySelectorAll("details[open][data-key]")].map((d) => d.dataset.key);
  results.replaceChildren(...page.results.childNodes); // a parsed page's scripts do not run
  if (last) tell(last);
  for (const d of results.querySelectorAll("details[data-key]")) d.open = unfolded.includes(d.dataset.key);
  document.dispatchEvent(new CustomEvent("dateline:shown"));
  if (place) regain(place);
  if (top) {
    const main = document.getElementById("main");
    main.focus({ preventScroll: true });
    main.scrollIntoView();
  } else if (scroll !== null) scrollTo(0, scroll);
  say(results.querySelector("h1").firstChild.textContent.replace(/\s+/g, " ").trim() + counted());
}

function counted() {
  return results.querySelector(".nothing") ? ". Nothing found" : "";
}

/** Say that words were taken as unfinished: no paragraph has them as they stand. */
function tell(last) {
  const line = document.createElement("p");
  line.className = "quiet";
  line.textContent = `No paragraph has “${last}” as it stands; these have words that begin so.`;
  results.querySelector(".summary").after(line);
}

let saying = 0;
function say(words) {
  clearTimeout(saying);
  told.textContent = "";
  saying = setTimeout(() => (told.textContent = words), 400);
}

/** What has the focus, so that it can be found again in other results. */
function grasp() {
  const one = document.activeElement;
  if (!one || !results.contains(one)) return null;
  const part = one.closest("section[aria-labelledby]")?.getAttribute("aria-labelledby");
  return { key: one.dataset.key, id: one.id, part, at: one.getBoundingClientRect().top };
}

function regain({ key, id, part, at }) {
  const same = key && [...results.querySelectorAll("[data-key]")].find((e) => e.dataset.key === key);
  const found = same || (id && document.getElementById(id)) || document.getElementById(part ?? "main");
  const one = found || document.getElementById("main");
  if (!one.matches("a, button, input, summary, [tabindex]")) one.tabIndex = -1;
  one.focus({ preventScroll: true });
  if (same) scrollBy(0, one.getBoundingClientRect().top - at);
}

// --- the box

function typed() {
  const to = new URL(shown, location.href);
  const q = box.value.trim(); // a space after a word is no other search
  if (q) to.searchParams.set("q", q);
  else to.searchParams.delete("q");
  to.searchParams.delete("cursor");
  return to.pathname + to.search;
}

/** Whether two addresses ask the same, however they are written. */
function same(one, other) {
  const [a, b] = [one, other].map((address) => new URL(address, location.href));
  return a.pathname === b.pathname && String(a.searchParams) === String(b.searchParams);
}

function type() {
  const address = typed();
  if (same(address, shown) && !asking) return;
  go(address, { how: typing ? "replace" : "push", begun: true });
}

box.addEventListener("input", (event) => {
  if (event.isComposing) return;
  clearTimeout(timer);
  if (asking) timer = setTimeout(type, PAUSE);
  else type();
});
box.addEventListener("compositionend", type);
for (const event of ["focus", "change"]) box.addEventListener(event, () => (typing = false));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const how = typing ? "replace" : "push";
  typing = false;
  const address = typed();
  document.dispatchEvent(new CustomEvent("dateline:meant", { detail: box.value }));
  if (!same(address, here()) || asking) go(address, { how });
  else say(results.querySelector("h1").firstChild.textContent.replace(/\s+/g, " ").trim());
});

// --- links and forms within the results, and what other modules ask for

function own(address) {
  const to = new URL(address, location.href);
  return to.origin === location.origin && to.pathname === home && !to.hash ? to.pathname + to.search : null;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#results a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const address = own(link.getAttribute("href"));
  if (address === null) return;
  event.preventDefault();
  typing = false;
  go(address, { top: Boolean(link.closest(".paging")) });
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("#results form.range")) return;
  event.preventDefault();
  const given = [...new FormData(event.target)].filter(([, value]) => value.trim());
  go(`${home}?${new URLSearchParams(given)}`);
});

document.addEventListener("dateline:go", (event) => {
  typing = false;
  go(own(event.detail) ?? event.detail);
});

// --- back and forth

addEventListener("popstate", () => {
  typing = false;
  if (here() === shown) return;
  go(here(), { how: null, scroll: history.state?.y ?? 0 });
});

let still = 0;
addEventListener("scroll", () => {
  clearTimeout(still);
  still = setTimeout(() => {
    if (here() === shown) history.replaceState({ ...history.state, y: scrollY }, "");
  }, 150);
}, { passive: true });

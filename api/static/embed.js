/* Dateline's search box for any page: <script src=".../embed.js" async></script>
   <dateline-search endpoint="https://dateline.example/"><form>…</form></dateline-search>
   Attributes: endpoint, limit (5), filters (a query string of the search's parameters), label, placeholder, button.
   What the form inside holds (action, hidden fields, what was typed) is taken over. */
(() => {
  "use strict";
  const home = document.currentScript ? new URL("/", document.currentScript.src).href : null;
  const DEBOUNCE = 120, SLOW = 10000, KEPT = 40, LONGEST = 500;

  const CSS = `
:host { display: block; font: var(--dateline-font, inherit); color: var(--dateline-ink, inherit);
  background: var(--dateline-paper, transparent); text-align: start; overflow-wrap: anywhere; }
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
form { display: flex; gap: .5em; margin: 0; }
input, button { font: inherit; padding: .45em .7em; border-radius: var(--dateline-radius, 3px);
  border: 1px solid var(--dateline-edge, GrayText); min-width: 0; }
input { flex: 1; color: var(--dateline-ink, FieldText); background: var(--dateline-field, Field); }
button { cursor: pointer; color: var(--dateline-on-accent, ButtonText); background: var(--dateline-accent, ButtonFace); }
:focus-visible { outline: 3px solid var(--dateline-focus, Highlight); outline-offset: 1px; }
p, ol { margin: 0; padding: 0; }
.told { font-size: .875em; margin-top: .5em; color: var(--dateline-quiet, inherit); }
.told:empty, ol:empty, .all:empty { display: none; }
ol { list-style: none; max-height: var(--dateline-height, none); overflow: auto; }
li { padding: .75em .25em; border-bottom: 1px solid var(--dateline-rule, GrayText); }
.headline { font-weight: bold; font-family: var(--dateline-headline, inherit); font-size: 1.0625em; line-height: 1.3; }
a { color: var(--dateline-link, LinkText); }
.headline, .meta, .passage { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 5; overflow: hidden; }
.headline:focus-within { overflow: visible; }
.meta { -webkit-line-clamp: 2; font-size: .875em; color: var(--dateline-quiet, inherit); }
.meta > * + * { margin-inline-start: .75em; }
.passage { margin-top: .25em; }
mark { color: var(--dateline-mark-ink, MarkText); background: var(--dateline-mark, Mark); }
.all { font-size: .875em; padding-top: .75em; }
`;

  /** An element with attributes and children; text becomes text, never markup. */
  function make(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) if (value != null) made.setAttribute(key, value);
    made.append(...children.filter((child) => child != null));
    return made;
  }

  /** A text with marks. `marks` count code points, as strings elsewhere do; JavaScript's own count UTF-16 units. */
  function marked(text, marks) {
    const points = Array.from(text), made = document.createDocumentFragment();
    let at = 0;
    for (const [start, end] of marks) {
      if (start < at || end <= start || end > points.length) continue;
      made.append(points.slice(at, start).join(""), make("mark", null, points.slice(start, end).join("")));
      at = end;
    }
    made.append(points.slice(at).join(""));
    return made;
  }

  function webAddress(text, base) {
    try {
      const found = new URL(text, base);
      return /^https?:$/.test(found.protocol) ? found : null;
    } catch { return null; }
  }

  /** A day in the words of the page's own language. */
  function dayWords(iso, language) {
    const day = new Date(`${iso}T00:00:00Z`);
    if (isNaN(day)) return iso;
    try { return new Intl.DateTimeFormat(language || undefined, { dateStyle: "long", timeZone: "UTC" }).format(day); }
    catch { return iso; }
  }

  const counted = (number, one) => `${number.toLocaleString()} ${one}${number === 1 ? "" : "s"}`;

  class DatelineSearch extends HTMLElement {
    static observedAttributes = ["endpoint", "limit", "filters", "label", "placeholder", "button"];
    #shadow; #input; #told; #list; #all; #form; #button;
    #timer; #asking; #kept = new Map(); #shown = "";

    connectedCallback() {
      if (!this.#shadow) { this.#build(); this.#takeOver(); }
      this.#adjust();
    }

    disconnectedCallback() { this.#stop(); }

    attributeChangedCallback(name, before, after) {
      if (!this.#shadow || before === after) return;
      this.#kept.clear();
      this.#shown = "";
      this.#adjust();
      this.#soon(0);
    }

    /** Where Dateline is: the endpoint, else where the form inside leads, else where this script is from. */
    get base() {
      const form = this.querySelector("form[action]");
      return webAddress(this.getAttribute("endpoint") || (form && form.getAttribute("action")) || home || "",
        document.baseURI);
    }

    #build() {
      this.#shadow = this.attachShadow({ mode: "open", delegatesFocus: true });
      try { // made in a script, it passes where the page's policy allows no inline style
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(CSS);
        this.#shadow.adoptedStyleSheets = [sheet];
      } catch { this.#shadow.append(make("style", null, CSS)); }
      this.#input = make("input", { name: "q", type: "search", dir: "auto", autocomplete: "off", spellcheck: "false",
        maxlength: LONGEST, part: "input", enterkeyhint: "search" });
      this.#button = make("button", { part: "button" });
      this.#form = make("form", { role: "search", part: "form", method: "get" }, this.#input, this.#button);
      this.#told = make("p", { class: "told", role: "status", part: "status" });
      this.#list = make("ol", { part: "results" });
      this.#all = make("p", { class: "all" });
      this.#shadow.append(this.#form, this.#told, this.#list, this.#all);
      this.#input.addEventListener("input", () => this.#soon(DEBOUNCE));
      this.#shadow.addEventListener("keydown", (event) => this.#key(event));
    }

    /** What was typed into the plain form before this script came is not lost, nor is what it hides. */
    #takeOver() {
      const typed = this.querySelector("input[name=q]");
      if (!typed) return;
      const had = typed === document.activeElement;
      this.#input.value = typed.value;
      if (had) this.#input.focus();
      if (typed.value) this.#soon(0);
    }

    #adjust() {
      const base = this.base, words = this.getAttribute("label") || "Search the archive";
      this.#input.setAttribute("aria-label", words);
      this.#input.placeholder = this.getAttribute("placeholder") || words;
      this.#button.textContent = this.getAttribute("button") || "Search";
      if (!base) { this.#tell("This search box has no usable endpoint."); return; }
      this.#form.action = base.origin + "/";
      for (const hidden of this.#form.querySelectorAll("[type=hidden]")) hidden.remove();
      for (const [name, value] of this.#filters()) this.#form.append(make("input", { type: "hidden", name, value }));
    }

    /** Every parameter but the words. */
    #filters() {
      const told = [...new URLSearchParams(this.getAttribute("filters") || "")];
      for (const field of this.querySelectorAll("form input[type=hidden][name]")) told.push([field.name, field.value]);
      return told.filter(([name, value]) => value && !["q", "cursor", "facets", "limit"].includes(name));
    }

    #stop() {
      clearTimeout(this.#timer);
      if (this.#asking) this.#asking.abort();
      this.#asking = null;
    }

    #soon(wait) {
      this.#stop();
      this.#timer = setTimeout(() => this.#search(), wait);
    }

    async #search() {
      const words = this.#input.value.trim(), base = this.base;
      if (!base || words === this.#shown) return;
      if (!words) { this.#clear(); return; }
      const limit = Math.min(Math.max(parseInt(this.getAttribute("limit"), 10) || 5, 1), 20);
      const own = [["duplicates", "fold"], ["limit", limit], ["facets", ""]];
      const asked = new URLSearchParams([["q", words], ...this.#filters(), ...own]);
      const address = `${base.origin}/api/v1/search?${asked}`, asking = this.#asking = new AbortController();
      const slow = setTimeout(() => asking.abort("slow"), SLOW);
      try {
        const page = this.#kept.get(address) || await this.#fetch(address, asking.signal);
        if (this.#asking !== asking) return;
        this.#keep(address, page);
        this.#show(words, page, base);
      } catch {
        if (this.#asking === asking) {
          this.#clear();
          this.#tell("The archive cannot be searched from here just now. The button opens it.");
        }
      } finally { clearTimeout(slow); }
    }

    async #fetch(address, signal) {
      const answer = await fetch(address, { signal, credentials: "omit", headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      return answer.json();
    }

    #keep(address, page) {
      this.#kept.delete(address);
      this.#kept.set(address, page);
      if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value);
    }

    #tell(words) { this.#told.textContent = words; }

    #clear() {
      this.#shown = "";
      this.#tell("");
      this.#list.replaceChildren();
      this.#all.replaceChildren();
    }

    #show(words, page, base) {
      this.#shown = words;
      const query = new URLSearchParams([["q", words], ...this.#filters()]);
      this.#list.replaceChildren(...page.hits.map((hit) => this.#hit(hit, base, query)));
      const { paragraphs, articles } = page.total;
      this.#tell(paragraphs ? `${counted(paragraphs, "paragraph")} in ${counted(articles, "article")}`
        : "Nothing in the archive answers this.");
      const all = make("a", { href: `${base.origin}/?${query}` }, "All results");
      this.#all.replaceChildren(...(paragraphs > page.hits.length ? [all] : []));
      this.dispatchEvent(new CustomEvent("dateline-results", { bubbles: true, detail: { q: words, total: page.total } }));
    }

    #hit(hit, base, query) {
      const article = hit.article, language = (this.closest("[lang]") || {}).lang;
      const href = `${base.origin}/articles/${encodeURIComponent(article.id)}?${query}#p-${encodeURIComponent(hit.id)}`;
      const day = article.published
        ? make("time", { datetime: article.published }, dayWords(article.published, language)) : make("span", null, "undated");
      const guess = article.published_by === "inferred"
        ? make("em", { title: "Worked out from the weekdays and dates in the text" }, "inferred") : null;
      const publisher = article.publisher ? make("bdi", null, article.publisher) : null;
      const passage = marked(hit.snippet.text, hit.snippet.marks);
      const once = hit.snippet.text === article.headline; // the headline is what was found: it is not said twice
      return make("li", { part: "result" },
        make("p", { class: "headline", dir: "auto", part: "headline" },
          make("a", { href }, once ? passage : article.headline || "Without a headline")),
        make("p", { class: "meta" }, day, guess, publisher),
        once ? null : make("p", { class: "passage", dir: "auto", part: "passage" }, passage));
    }

    /** Arrows walk from the field through the results and back; Escape comes back, and then empties the field. */
    #key(event) {
      const stops = [this.#input, ...this.#shadow.querySelectorAll("ol a, .all a")];
      const at = stops.indexOf(this.#shadow.activeElement);
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (at < 0 || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
      if (step && stops[at + step]) {
        event.preventDefault();
        stops[at + step].focus();
      } else if (event.key === "Escape" && (at > 0 || this.#input.value)) {
        event.preventDefault();
        if (at === 0) { this.#input.value = ""; this.#stop(); this.#clear(); }
        this.#input.focus();
      }
    }
  }

  if (!customElements.get("dateline-search")) customElements.define("dateline-search", DatelineSearch);
})();

/* The article page: what it does better with scripts. Everything here is reached without them as well. */
"use strict";
(() => {
  const story = document.querySelector(".story");
  if (!story) return;
  const told = story.querySelector(".told");
  const tell = (words) => { told.textContent = ""; requestAnimationFrame(() => { told.textContent = words; }); };

  // --- dates and names: shown or not, remembered in this browser

  const KEY = "dateline-annotations";
  const remember = (value) => { try { localStorage.setItem(KEY, value); } catch { /* not allowed here: forgotten */ } };
  const remembered = () => { try { return localStorage.getItem(KEY); } catch { return null; } };

  function annotate(on) {
    story.classList.toggle("plain", !on);
    for (const note of story.querySelectorAll(".note")) {
      if (on) note.setAttribute("tabindex", "0"); else note.removeAttribute("tabindex");
      const [from, to] = on ? ["data-title", "title"] : ["title", "data-title"];
      if (note.hasAttribute(from)) {
        note.setAttribute(to, note.getAttribute(from));
        note.removeAttribute(from);
      }
    }
  }

  const choice = story.querySelector(".annotations input");
  if (choice) {
    story.querySelector(".annotations a").hidden = true;
    choice.closest("label").hidden = false;
    choice.checked = remembered() !== "off";
    if (!choice.checked) annotate(false);
    choice.addEventListener("change", () => {
      annotate(choice.checked);
      remember(choice.checked ? "on" : "off");
    });
  }

  // --- links to copy

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch { // without TLS there is no clipboard to write to
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "unseen";
      document.body.append(field);
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      return done;
    }
  }

  story.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-copy]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const text = link.dataset.copy;
    if (!link.hash) event.preventDefault(); // the link to this very page leads nowhere else
    if (await copy(text)) {
      tell("Link copied.");
      link.classList.add("copied");
      setTimeout(() => link.classList.remove("copied"), 2000);
    }
    link.focus({ preventScroll: true });
  });

  // --- from one answer to the next

  const found = [...story.querySelectorAll(".found[id]")];
  const keys = story.querySelector(".keys");
  if (keys && found.length > 1) keys.hidden = false;

  function current() {
    const named = found.findIndex((each) => `#${each.id}` === location.hash);
    return named >= 0 ? named : null;
  }

  function step(by) {
    const at = current();
    const next = found[at === null ? (by > 0 ? 0 : found.length - 1) : at + by];
    if (!next) { tell(by > 0 ? "That was the last answer here." : "That was the first answer here."); return; }
    location.replace(`#${next.id}`); // one step back still leads to the results
    next.setAttribute("tabindex", "-1");
    next.focus({ preventScroll: true });
    tell(`Answer ${found.indexOf(next) + 1} of ${found.length}.`);
  }

  const typing = (node) => node.closest && node.closest("input, textarea, select, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape" && event.target.matches(".note")) { event.target.blur(); return; }
    if (!found.length || (typing(event.target) && event.target.type !== "checkbox")) return;
    if (event.key === "n") step(1); else if (event.key === "p") step(-1);
  });

  // --- similar paragraphs, without losing one's place

  story.addEventListener("click", async (event) => {
    const link = event.target.closest("a.like, .alike a.close");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const shown = story.querySelector(".alike");
    if (link.matches(".close")) {
      const from = story.querySelector(".like[aria-expanded=true]");
      shown.remove();
      if (from) { from.removeAttribute("aria-expanded"); from.focus(); }
      return;
    }
    try {
      const answer = await fetch(link.href);
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const similar = page.getElementById("similar");
      if (shown) shown.remove();
      for (const other of story.querySelectorAll(".like[aria-expanded]")) other.removeAttribute("aria-expanded");
      link.closest("[id^=p-]").after(similar);
      link.setAttribute("aria-expanded", "true");
      similar.tabIndex = -1;
      similar.focus({ preventScroll: true });
      similar.scrollIntoView({ block: "nearest" });
    } catch { location.assign(link.href); }
  });
})();

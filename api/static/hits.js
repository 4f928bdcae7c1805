// What a passage's dates and names mean, on hover, focus or tap; copying a link or a quotation.

const tip = document.createElement("div");
const told = document.getElementById("told");
let about = null; // the element that the tip explains
let timer = 0;

tip.id = "tip";
tip.className = "tip";
tip.setAttribute("role", "tooltip");
tip.hidden = true;

/** What a title says; it is taken from the element, since the browser would show it a second time. */
function words(one) {
  const told = one.matches("[title]") ? one : one.querySelector("[title]");
  if (told) {
    one.dataset.tip = told.title;
    told.removeAttribute("title");
  }
  return one.dataset.tip ?? "";
}

function explain(one, tapped = false) {
  clearTimeout(timer);
  const meaning = words(one);
  if (!meaning) return;
  hide();
  about = one;
  tip.textContent = meaning;
  const href = tapped && one.getAttribute("href");
  if (href) {
    const link = document.createElement("a");
    link.href = href;
    link.textContent = one.querySelector(".name") ? "About this name" : "Paragraphs that speak of it";
    link.addEventListener("click", (event) => {
      event.preventDefault();
      hide();
      one.dataset.sure = "";
      one.click();
      delete one.dataset.sure;
    });
    tip.append(" ", link);
  }
  one.setAttribute("aria-describedby", tip.id);
  one.closest("main, aside").append(tip); // within a landmark, where who listens finds it
  tip.hidden = false;
  place(one);
}

function place(one) {
  const mark = one.getClientRects()[0];
  const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
  tip.style.left = `${Math.max(8, Math.min(mark.left, room)) + scrollX}px`;
  const above = mark.top - tip.offsetHeight - 6;
  tip.style.top = `${(above > 0 ? above : mark.bottom + 6) + scrollY}px`;
}

function hide() {
  clearTimeout(timer);
  about?.removeAttribute("aria-describedby");
  about = null;
  tip.hidden = true;
}

const explained = "#results .snippet .to, #results .mentions .to, #results .how, #results .snippet .note";
function target(event) {
  const one = event.target.closest?.(explained);
  return one?.closest("a.to") ?? one;
}

document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse") return;
  const one = target(event);
  if (one && one !== about) explain(one);
  else if (event.target.closest?.("#tip") || one) clearTimeout(timer);
  else if (about) {
    clearTimeout(timer);
    timer = setTimeout(hide, 200);
  }
});
document.addEventListener("focusin", (event) => {
  const one = target(event);
  if (one && one.matches(":focus-visible")) explain(one);
  else if (!tip.contains(event.target)) hide();
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
document.addEventListener("dateline:shown", hide);

let touched = false;
document.addEventListener("pointerdown", (event) => {
  touched = event.pointerType === "touch";
  if (!target(event) && !event.target.closest("#tip")) hide();
}, true);
// A finger cannot hover: the first tap tells, and a link in what it tells leads on.
document.addEventListener("click", (event) => {
  const one = target(event);
  if (!touched || !one || "sure" in one.dataset) return;
  event.preventDefault();
  event.stopPropagation();
  explain(one, true);
}, true);

// --- copying

async function copied(button, text) {
  const was = button.dataset.was ?? button.textContent;
  button.dataset.was = was;
  let words = "Copied";
  try {
    await navigator.clipboard.writeText(await text());
  } catch {
    words = "Could not copy";
  }
  button.textContent = words;
  told.textContent = `${was}: ${words.toLowerCase()}`;
  setTimeout(() => (button.textContent = was), 2000);
}

/** The paragraph between quotation marks, and where it stands. */
async function quotation(link) {
  const hit = link.closest(".hit");
  const text = "whole" in link.dataset ? (hit.querySelector(".snippet") ?? hit.querySelector("h2")).textContent : await whole(link);
  const parts = ["h2", ".meta time", ".source"].map((part) => hit.querySelector(part)?.textContent.trim());
  const [headline, day, publisher] = parts;
  return `“${text.trim()}”\n— ${[headline, publisher, day].filter(Boolean).join(", ")}\n${link.href}`;
}

async function whole(link) {
  const form = document.getElementById("ask");
  const address = new URL(`api/v1/paragraphs/${encodeURIComponent(link.dataset.paragraph)}`, form.action);
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).text;
}

function button(label, key, text) {
  const one = document.createElement("button");
  one.type = "button";
  one.textContent = label;
  one.dataset.key = key;
  one.addEventListener("click", () => copied(one, text));
  return one;
}

function offer() {
  for (const link of document.querySelectorAll("#results .acts .link")) {
    if (link.nextElementSibling) continue;
    const id = link.dataset.paragraph;
    link.hidden = true; // what follows does more; without scripts it is what can be copied
    link.after(
      button("Copy link", `copy ${id}`, () => link.href),
      button("Copy quotation", `quote ${id}`, () => quotation(link)),
    );
  }
}

document.addEventListener("dateline:shown", offer);
offer();

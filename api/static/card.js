// A name's page as a card above the search, and a facet's values found while typing: both are pages of the
// server, of which a part is shown here.

const WAIT = 120; // ms after the last key
const dialog = document.createElement("dialog");
const body = document.createElement("div");
let asking = null;
let timer = 0;

dialog.className = "sheet";
dialog.setAttribute("aria-labelledby", "card-title");
const bar = document.createElement("form");
bar.method = "dialog";
const shut = document.createElement("button");
shut.textContent = "Close";
bar.append(shut);
dialog.append(bar, body);
document.body.append(dialog);

async function part(address, id, signal) {
  const answer = await fetch(address, { signal, headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.getElementById(id);
}

async function open(address) {
  asking?.abort();
  const mine = (asking = new AbortController());
  try {
    const card = await part(address, "card", mine.signal);
    if (mine.signal.aborted) return;
    if (!card) return void location.assign(address);
    body.replaceChildren(card);
    if (!dialog.open) dialog.showModal();
    document.dispatchEvent(new CustomEvent("dateline:card"));
    dialog.scrollTop = 0;
    document.getElementById("card-title").focus();
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
  }
}

function plain(event) {
  return !(event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#results a[href], dialog.sheet a[href]");
  if (!link || !plain(event)) return;
  const to = new URL(link.getAttribute("href"), location.href);
  const home = new URL(document.getElementById("ask").action).pathname;
  if (to.origin === location.origin && to.pathname.startsWith(`${home}entities/`)) {
    event.preventDefault();
    open(to.href);
  } else if (dialog.contains(link) && to.pathname === home) {
    event.preventDefault();
    dialog.close();
    document.dispatchEvent(new CustomEvent("dateline:go", { detail: to.pathname + to.search }));
  }
});
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); }); // beside the card
dialog.addEventListener("close", () => body.replaceChildren());
document.addEventListener("dateline:go", () => { if (dialog.open) dialog.close(); });

// --- values found by typing

function usual(form) {
  return form.parentElement.querySelector("ul.values:not(.found ul)");
}

async function find(form) {
  asking?.abort();
  const mine = (asking = new AbortController());
  const prefix = form.elements.prefix.value.trim();
  let place = form.parentElement.querySelector(".found");
  if (!prefix) {
    place?.remove();
    if (usual(form)) usual(form).hidden = false;
    return;
  }
  try {
    const values = await part(`${form.action}?${new URLSearchParams(new FormData(form))}`, "values", mine.signal);
    if (mine.signal.aborted || !values) return;
    if (!place) {
      place = document.createElement("div");
      place.className = "found";
      form.after(place);
    }
    if (usual(form)) usual(form).hidden = true;
    values.removeAttribute("id");
    place.replaceChildren(values);
    const count = place.querySelectorAll("li").length;
    document.getElementById("told").textContent = `${count || "No"} name${count === 1 ? "" : "s"} found`;
  } catch { /* the form still has its button */ }
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("#results form.find");
  if (!form || event.isComposing) return;
  clearTimeout(timer);
  timer = setTimeout(() => find(form), WAIT);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("#results form.find")) return;
  event.preventDefault();
  clearTimeout(timer);
  find(event.target);
});
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("#results form.find");
  if (event.key !== "Escape" || !form?.elements.prefix.value) return;
  form.elements.prefix.value = "";
  find(form);
});

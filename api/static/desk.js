// Comfort alone: the desk does everything without it. Choosing all, how many are chosen, and filtering while typing.
"use strict";
(() => {
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();

  for (const form of document.querySelectorAll("form[data-choose]")) {
    const boxes = [...form.querySelectorAll("input[type=checkbox]")];
    if (boxes.length < 2) continue;
    const shown = () => boxes.filter((box) => !box.closest("li").hidden);
    const tools = form.querySelector(".desk-tools");
    const line = tools || document.createElement("p");
    if (!tools) line.className = "desk-choose";
    const all = document.createElement("button");
    all.type = "button";
    all.className = "plain";
    const count = document.createElement("span");
    count.className = "quiet";
    count.setAttribute("role", "status");
    const tell = () => {
      const chosen = boxes.filter((box) => box.checked).length;
      const every = shown().every((box) => box.checked);
      all.textContent = every ? "Choose none" : "Choose all";
      count.textContent = chosen ? `${chosen} chosen` : "";
    };
    all.addEventListener("click", () => {
      const every = shown().every((box) => box.checked);
      for (const box of shown()) box.checked = !every;
      tell();
    });
    form.addEventListener("change", tell);
    document.addEventListener("desk:filtered", tell);
    line.append(all, " ", count);
    if (!tools) form.querySelector("ul").before(line);
    tell();
  }

  for (const field of document.querySelectorAll("input[data-filters]")) {
    const list = document.getElementById(field.dataset.filters);
    if (!list) continue;
    const rows = [...list.children].map((row) => [row, fold(row.dataset.filter || "")]);
    const was = field.value;
    field.addEventListener("input", () => {
      const words = field.value === was ? [] : fold(field.value).split(/\s+/).filter(Boolean);
      for (const [row, text] of rows) row.hidden = !words.every((word) => text.includes(word));
      document.dispatchEvent(new Event("desk:filtered"));
    });
  }
})();

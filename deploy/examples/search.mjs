// Dateline's API from JavaScript, the same in a browser (DATELINE_CORS names the page's origin) and in Node 18:
//   import { search } from "./search.mjs";
//   const { hits, total } = await search("https://dateline.example", "dam inquiry", { limit: 3 });

/** One page of answers; throws the server's problem (RFC 9457) as an Error with `problem`. */
export async function search(address, q, parameters = {}) {
  const query = new URLSearchParams({ q, facets: "" });
  for (const [name, value] of Object.entries(parameters)) {
    query.delete(name);
    for (const one of [value].flat()) query.append(name, one);
  }
  const answer = await fetch(`${address}/api/v1/search?${query}`, { headers: { Accept: "application/json" } });
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.detail), { problem: told });
  return told;
}

/** A passage as an element: marks are spans of characters (code points), so nothing is parsed as markup. */
export function passage(document, { text, marks }) {
  const letters = Array.from(text);
  const element = document.createElement("blockquote");
  let at = 0;
  for (const [start, end] of marks) {
    element.append(letters.slice(at, start).join(""));
    const mark = document.createElement("mark");
    mark.textContent = letters.slice(start, end).join("");
    element.append(mark);
    at = end;
  }
  element.append(letters.slice(at).join(""));
  return element;
}


"use strict";
// Filters, sorts and pages the table of sessions. Without scripts the page shows the oldest sessions.
(() => {
  const rows = JSON.parse(document.getElementById("rows").textContent);
  if (!rows.length) return;
  const page = 100, part = (id) => document.getElementById(id);
  const body = part("sessions").tBodies[0], heads = [...part("sessions").tHead.rows[0].cells].map((cell) => cell.textContent);
  const columns = { App: 0, Owner: 2, Kind: 3, State: 4, Age: 7, Created: 6, "Last clean-up": 8, Session: 5 };
  const AGE = 9, STALE = 10;
  let found = rows, first = 0;

  const node = (name, text, style) => {
    const made = document.createElement(name);
    made.textContent = text;
    if (style) made.className = style;
    return made;
  };
  const cell = (row, head) => {
    const made = document.createElement("td");
    made.setAttribute("role", "cell");
    made.dataset.label = head;
    const text = node({ Age: "span", Session: "code" }[head] || "bdi", row[columns[head]]);
    if (head === "Age" && row[STALE]) text.append(" ", node("b", "stale"));
    made.append(text);
    if (head === "App") made.append(" ", node("bdi", row[1], "quiet"));
    return made;
  };
  const show = () => {
    const shown = found.slice(first, first + page);
    body.replaceChildren(...shown.map((row) => {
      const line = document.createElement("tr");
      line.setAttribute("role", "row");
      line.append(...heads.map((head) => cell(row, head)));
      return line;
    }));
    updatePager();
  };
  const updatePager = () => {
    const last = Math.min(first + page, found.length), number = (value) => value.toLocaleString("en");
    part("where").textContent = found.length ? `${number(first + 1)} to ${number(last)} of ${number(found.length)}` : "None fits";
    part("before").disabled = first === 0;
    part("after").disabled = last === found.length;
  };
  const compare = (column, sign) => (one, other) => {
    const a = one[column], b = other[column];
    if (a === b) return 0;
    if (a === null || b === null) return a === null ? 1 : -1; // sessions without an age come last in both directions
    return sign * (a < b ? -1 : 1);
  };
  const choose = () => {
    const words = part("words").value.toLowerCase().split(/\s+/).filter(Boolean), order = part("order").value;
    found = rows.filter((row) => {
      if (part("only-stale").checked && !row[STALE]) return false;
      const text = row.slice(0, AGE).join("\n").toLowerCase();
      return words.every((word) => text.includes(word));
    });
    const column = Math.abs(Number(order));
    if (order !== "-9") found.sort(compare(column, 1));
    first = 0;
    show();
  };
  const move = (by) => () => {
    first += by;
    show();
    part("sessions").scrollIntoView();
  };
  part("controls").hidden = part("pager").hidden = false;
  part("controls").addEventListener("submit", (event) => event.preventDefault());
  for (const id of ["words", "only-stale", "order"]) part(id).addEventListener("input", choose);
  part("before").addEventListener("click", move(-page));
  part("after").addEventListener("click", move(page));
  for (const text of document.querySelectorAll(".no-script")) text.hidden = true;
  updatePager();
})();

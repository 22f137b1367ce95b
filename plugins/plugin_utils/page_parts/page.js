
"use strict";
// Filters, sorts and pages the table of sessions. Without scripts the page shows the oldest sessions.
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const rows = read("rows"), groups = read("groups");
  if (!rows.length) return;
  const page = 100, part = (id) => document.getElementById(id);
  const body = part("sessions").tBodies[0], heads = [...part("sessions").tHead.rows[0].cells], names = heads.map((cell) => cell.textContent);
  const columns = { App: 0, Owner: 2, Kind: 3, State: 4, Age: 7, Created: 6, GbHour: 12, "Last cleanup": 8, Session: 5 };
  const AGE = 9, STALE = 10, GROUP = 11, LINK = 13;
  const charts = [{ id: "by-app", title: "App", column: 0 }, { id: "by-owner", title: "Owner", column: 2 }, { id: "by-age", title: "Age", column: GROUP }];
  const chosen = [null, null, null]; // of each chart the number of the bar that was chosen
  let found = rows, first = 0;

  const node = (name, text, style) => {
    const made = document.createElement(name);
    made.textContent = text;
    if (style) made.className = style;
    return made;
  };
  const named = (tag, text, style) => {
    const short = text.length > 26 ? `${text.slice(0, 14)}…${text.slice(-11)}` : text, made = node(tag, short, style);
    if (short !== text) made.title = text;
    return made;
  };
  const linked = (text, address) => {
    if (!address) return text;
    const made = node("a", "");
    made.href = address; // it was checked when the page was made: https, and the account's own host
    made.rel = "noreferrer";
    made.append(text);
    return made;
  };
  const aged = (text, stale) => {
    const made = node("span", "");
    made.append(node("span", text, "fixed"), ...(stale ? [" ", node("b", "stale")] : []));
    return made;
  };
  const cell = (row, head) => {
    const made = document.createElement("td"), value = row[columns[head]];
    made.setAttribute("role", "cell");
    made.dataset.label = head;
    if (head === "Session") made.append(linked(node("code", value), row[LINK]));
    else if (head === "Last cleanup") made.append(node("span", value));
    else if (head === "GbHour") made.append(node("span", value === null ? "–" : value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }), "fixed"));
    else if (head === "Created") made.append(node("span", value, "fixed"));
    else if (head === "Age") made.append(aged(value, row[STALE]));
    else made.append(named("bdi", value));
    if (head === "App") made.append(" ", named("bdi", row[1], "quiet"));
    return made;
  };
  const show = () => {
    const shown = found.slice(first, first + page);
    body.replaceChildren(...shown.map((row) => {
      const line = document.createElement("tr");
      line.setAttribute("role", "row");
      line.append(...names.map((head) => cell(row, head)));
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
    if (a === null || b === null) return a === null ? 1 : -1; // what is not known comes last in both directions
    return sign * (a < b ? -1 : 1);
  };

  // The order: a column that can be compared, and 1 or -1. Ages and times are compared in seconds.
  let order = [AGE, -1];
  const sorted = (head) => (head === "Age" || head === "Created" ? AGE : columns[head]);
  const direction = (head) => (head === "Created" ? -order[1] : order[1]); // the oldest was created first
  const setOrder = (column, sign) => {
    order = [column, sign];
    const value = order.join(" "), options = [...part("order").options];
    part("order").value = options.some((one) => one.value === value) ? value : "";
    names.forEach((head, place) => {
      const own = sorted(head) === column;
      if (own) heads[place].setAttribute("aria-sort", direction(head) === 1 ? "ascending" : "descending");
      else heads[place].removeAttribute("aria-sort");
    });
  };
  const addOrders = () => names.forEach((head, place) => {
    const button = node("button", head, "sort");
    button.type = "button";
    button.addEventListener("click", () => {
      const begins = head === "Age" || head === "GbHour" ? -1 : 1; // the largest first
      const own = sorted(head) === order[0];
      const sign = own ? -order[1] : head === "Created" ? -begins : begins;
      setOrder(sorted(head), sign);
      choose();
    });
    heads[place].replaceChildren(button);
  });

  // The bars: a button on each shows only its sessions.
  const fits = (row) => chosen.every((bar, place) => {
    if (bar === null) return true;
    const name = groups[place][bar], value = row[charts[place].column];
    return name === null ? !groups[place].includes(value) : value === name;
  });
  const choseBar = (place, bar) => {
    chosen[place] = chosen[place] === bar ? null : bar;
    part(charts[place].id).querySelectorAll("button").forEach((one, number) => {
      one.setAttribute("aria-pressed", String(chosen[place] === number));
    });
    showChosen();
    choose();
  };
  const showChosen = () => part("chosen").replaceChildren(...charts.flatMap(({ title }, place) => {
    const bar = chosen[place];
    if (bar === null) return [];
    const button = node("button", `${title}: `);
    button.type = "button";
    button.append(named("bdi", groups[place][bar] ?? "all others"), " ✕");
    button.setAttribute("aria-label", `Show all again, not only ${title.toLowerCase()} ${groups[place][bar] ?? "all others"}`);
    button.addEventListener("click", () => choseBar(place, bar));
    return [button];
  }));
  const addBars = () => charts.forEach(({ id, title }, place) => groups[place].forEach((name, bar) => {
    const button = node("button", "");
    button.type = "button";
    button.title = name ?? "all others";
    button.setAttribute("aria-label", `Show only ${title.toLowerCase()} ${button.title}`);
    button.setAttribute("aria-pressed", "false");
    button.style.top = `${bar * 38}px`;
    button.addEventListener("click", () => {
      choseBar(place, bar);
      if (chosen[place] !== null) part("every").scrollIntoView();
    });
    part(id).append(button);
  }));

  const choose = () => {
    const words = part("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    found = rows.filter((row) => {
      if ((part("only-stale").checked && !row[STALE]) || !fits(row)) return false;
      const text = row.slice(0, AGE).join("\n").toLowerCase();
      return words.every((word) => text.includes(word));
    });
    if (order[0] !== AGE || order[1] !== -1) found.sort(compare(...order)); // they come with the oldest first
    first = 0;
    show();
  };
  const move = (by) => () => {
    first += by;
    show();
    part("sessions").scrollIntoView();
  };
  addOrders();
  addBars();
  setOrder(AGE, -1);
  part("controls").hidden = part("pager").hidden = false;
  part("controls").addEventListener("submit", (event) => event.preventDefault());
  part("order").addEventListener("input", () => {
    setOrder(...part("order").value.split(" ").map(Number));
    choose();
  });
  for (const id of ["words", "only-stale"]) part(id).addEventListener("input", choose);
  part("before").addEventListener("click", move(-page));
  part("after").addEventListener("click", move(page));
  for (const text of document.querySelectorAll(".no-script")) text.hidden = true;
  updatePager();
})();

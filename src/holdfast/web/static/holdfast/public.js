// The booking pages' own script: arrow keys over days, the summary that follows the choice, the question before
// booking, and letting go of a hold on leaving. Every page works without it.
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const byId = (id) => document.getElementById(id);
const say = (words) => { const status = byId("announcer"); if (status && words) status.textContent = words; };

// ---- Day grid: one tab stop; arrows a day or a week, Home and End the week's ends, Page keys five weeks ----------
function days(grid) { return all("[data-day]", grid); }

function settleGrid(grid) {
  const cells = days(grid);
  const stop = cells.find((cell) => cell.getAttribute("aria-current") === "date") ?? cells[0];
  for (const cell of cells) cell.tabIndex = cell === stop ? 0 : -1;
  if (stop && grid.scrollWidth > grid.clientWidth) grid.scrollLeft = stop.offsetLeft - grid.clientWidth / 2 + stop.offsetWidth / 2;
}

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("[data-day]");
  const grid = cell?.closest("[data-days]");
  if (!grid || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "PageUp" || event.key === "PageDown") {
    const pager = byId("picker").querySelector(event.key === "PageUp" ? "[data-earlier][href]" : "[data-later][href]");
    if (pager) { event.preventDefault(); landing = grid.id; pager.click(); }
    return;
  }
  const cells = days(grid);
  const at = cells.indexOf(cell);
  const column = Number(cell.dataset.column);
  const forward = document.dir === "rtl" ? -1 : 1;
  const steps = { ArrowLeft: -forward, ArrowRight: forward, ArrowUp: -7, ArrowDown: 7, Home: -column, End: 6 - column };
  if (!(event.key in steps)) return;
  event.preventDefault();
  const next = cells[Math.min(cells.length - 1, Math.max(0, at + steps[event.key]))];
  cell.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
});

// ---- The summary and the dock say what is chosen -------------------------------------------------------------------
function showChoice() {
  const chosen = document.querySelector("input[name=at]:checked");
  for (const line of all("[data-shows-time]")) line.textContent = chosen ? chosen.dataset.time : line.dataset.showsTime;
  const places = document.querySelector("input[data-places]");
  for (const name of places ? ["places", "total", "brief"] : []) {
    for (const line of all(`[data-shows-${name}]`)) line.textContent = places.dataset[name];
  }
  for (const line of all("[data-shows-end]")) line.textContent = chosen ? chosen.dataset.ends : line.dataset.showsEnd;
}
document.addEventListener("change", (event) => {
  if (event.target.name === "at") showChoice();
  if (event.target.name === "view") monthView = event.target.id === "view-month";
  const summary = event.target.closest("[data-summary-form]");
  if (summary) followForm(summary);
});

// Choosing a service or a person: the summary follows the radios.
function followForm(form) {
  for (const input of all("input:checked", form)) {
    for (const [name, words] of Object.entries(input.dataset)) {
      for (const line of all(`[data-shows="${name}"]`)) line.textContent = words;
    }
  }
  const chosen = form.querySelector("input[name=service]:checked");
  for (const input of all("input[data-gives]", form)) {
    const able = !chosen || input.dataset.gives.split(" ").includes(chosen.value);
    input.disabled = !able;
    if (!able && input.checked) { form.querySelector("input[name=who]").checked = true; followForm(form); return; }
  }
}

// ---- Swapped days: keep the focus, the view, and say what came ---------------------------------------------------------
let monthView = false;
let landing = null;
let retried = false;

document.addEventListener("htmx:after:swap", () => {
  const picker = byId("picker");
  if (!picker) return;
  retried = false;
  const month = byId("view-month");
  if (month && monthView) month.checked = true;
  all("[data-days]", picker).forEach(settleGrid);
  const link = asked && byId(asked);
  if (landing) byId(landing)?.querySelector("[tabindex='0']")?.focus();
  else if (link) link.focus();
  landing = asked = null;
  showChoice();
  say(picker.dataset.says);
});

let asked = null;
document.addEventListener("click", (event) => {
  const link = event.target.closest("#picker a[hx-get]");
  if (link) asked = link.id;
}, true);

document.addEventListener("htmx:error", (event) => {
  const failed = byId("picker-failed");
  const link = event.target.closest?.("#picker a[hx-get]");
  if (!failed || !link) return;
  failed.hidden = false;
  say(failed.textContent);
  failed.querySelector("a").href = link.href;
  if (!retried) { retried = true; setTimeout(() => link.isConnected && link.click(), 5000); }
});

// ---- Asking before booking: the server's review page does it where there is no script --------------------------------------
document.addEventListener("submit", (event) => {
  const form = event.target;
  const dialog = form.dataset.confirms && byId(form.dataset.confirms);
  if (!dialog || event.submitter?.dataset.final !== undefined) return;
  if (!form.checkValidity()) return;                      // the server names every mistake at once
  event.preventDefault();
  dialog.showModal();
}, true);

// ---- Leaving lets the time go: a courtesy, expiry is the rule -----------------------------------------------------------------
// A page that goes cannot tell a reload from leaving. So a link lets the time go at once; whatever else took the page
// away is left as a note for the next page of this tab, which knows whether it is the same one again.
const NOTE = "holdfast-left";
let staying = false;
let leaving = false;

function signed(token) {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", token);
  return body;
}

function readNote() {
  try {
    const note = JSON.parse(sessionStorage.getItem(NOTE));
    sessionStorage.removeItem(NOTE);
    return note;
  } catch { return null; }                                 // no storage: expiry is the rule
}

document.addEventListener("submit", () => { staying = true; });
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || link.target || link.hasAttribute("download") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  leaving = link.protocol.startsWith("http") && link.href.split("#")[0] !== location.href.split("#")[0];
});
addEventListener("pagehide", () => {
  const hold = document.querySelector("[data-releases]");
  if (!hold || staying) return;
  const token = hold.querySelector("[name=csrfmiddlewaretoken]").value;
  if (leaving) { navigator.sendBeacon(hold.dataset.releases, signed(token)); return; }
  try { sessionStorage.setItem(NOTE, JSON.stringify([hold.dataset.releases, token])); } catch { /* expiry is the rule */ }
});
addEventListener("pageshow", (event) => {
  staying = leaving = false;
  const here = document.querySelector("[data-releases]");
  const note = readNote();
  const isSame = here && note?.[0] === here.dataset.releases;
  // The times on this page still count the hold as taken: ask for them again.
  if (note && !isSame) {
    fetch(note[0], { method: "POST", body: signed(note[1]), keepalive: true })
      .then(() => { if (byId("picker")) location.reload(); }, () => {});
  }
  // Back out of the browser's memory: the time may be gone by now, so ask the server how it stands.
  if (event.persisted && here) location.reload();
});

// ---- The visitor's own time zone, where it differs ------------------------------------------------------------------------------
const zone = byId("zone-note");
if (zone) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (own && own !== zone.dataset.zone) zone.querySelector("[data-other]").hidden = false;
}

all("[data-days]").forEach(settleGrid);
all("[data-summary-form]").forEach(followForm);
showChoice();

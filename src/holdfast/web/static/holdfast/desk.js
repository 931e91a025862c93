// The desk: the board that keeps itself fresh, the card beside it, the keys. Pages work without it.
// It imports nothing: files are served under hashed names, so an import would load base.js a second time.
const REFRESH_MS = 12_000;
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);
const board = () => one("#board");
const announce = (words) => { const status = one("#announcer"); if (status && words) status.textContent = words; };
const peek = () => one(".day #peek");

// ---- The board refreshes itself while somebody can see it ------------------------------------------------------------
async function refresh() {
  const shown = board();
  if (!shown?.dataset.board || !window.htmx) return;
  const address = `${shown.dataset.board}&seen=${shown.dataset.version}`;
  const focused = document.activeElement?.closest?.("#board [data-card]")?.dataset.card;
  const places = [shown.scrollLeft, shown.scrollTop];
  const unfolded = all("details[open][id]", shown).map((details) => details.id);
  // outerMorph keeps what did not change, so the scroll position and the focus stay; both are put back if they did not.
  await window.htmx.ajax("GET", address, { target: "#board", swap: "outerMorph" }).catch(() => {});
  const fresh = board();
  if (fresh !== shown) [fresh.scrollLeft, fresh.scrollTop] = places;
  for (const id of unfolded) { const details = document.getElementById(id); if (details) details.open = true; }
  if (focused && document.activeElement === document.body) cardOf(focused)?.focus({ preventScroll: true });
}

let boardOpenedAt = Date.now();
function moveNow() {
  const shown = board();
  if (!shown?.dataset.now) return;
  if (shown.dataset.version !== moveNow.version) { moveNow.version = shown.dataset.version; boardOpenedAt = Date.now(); }
  const minute = Number(shown.dataset.now) + Math.floor((Date.now() - boardOpenedAt) / 60_000);
  for (const mark of all("[data-now-line],[data-now-clock]", shown)) {
    const kept = [...mark.classList].filter((name) => !/^at-[hm]\d+$/.test(name));
    mark.className = [...kept, `at-h${Math.floor(minute / 60)}`, `at-m${minute % 60}`].join(" ");
  }
}

// ---- The open card --------------------------------------------------------------------------------------------------
const cardOf = (reference) => (reference ? one(`[data-card="${CSS.escape(reference)}"]`) : null);
const opened = () => one("[data-opened]", peek() ?? document.createElement("i"));

function reconcile() {
  const head = opened();
  const reference = head?.dataset.opened;
  for (const card of all("#board [data-card]")) {
    if (card.dataset.card === reference) card.setAttribute("aria-expanded", "true");
    else card.removeAttribute("aria-expanded");
  }
  const card = cardOf(reference);
  if (!card) return;
  const [here, there] = [Number(head.dataset.sequence), Number(card.dataset.sequence)];
  if (here > there) refresh();
  const note = one("[data-stale]", peek());
  if (note) note.hidden = here >= there;
}

function closeCard() {
  const reference = opened()?.dataset.opened;
  if (!peek() || !reference) return false;
  peek().replaceChildren();
  reconcile();
  drawGaps();
  (cardOf(reference) ?? board())?.focus({ preventScroll: true });
  return true;
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close-card]") && closeCard()) event.preventDefault();
  const setsDate = event.target.closest("[data-sets-date]");
  if (setsDate) { one("#f-date").value = setsDate.dataset.setsDate; freshTimes(setsDate.form); }
});

document.addEventListener("htmx:after:swap", () => {
  reconcile();
  drawGaps();
  // The heading took the focus once; the next refresh of the board is no reason to take it again.
  setTimeout(() => all("[data-takes-focus]").forEach((head) => head.removeAttribute("data-takes-focus")));
});

// ---- Moving: the free gaps also stand in the lanes ------------------------------------------------------------------
// They press the buttons of the open card, which are the ones for keyboards and screen readers.
function drawGaps() {
  all(".gap-spot").forEach((spot) => spot.remove());
  const form = peek() && one("[data-gaps]", peek());
  const shown = board();
  shown?.classList.toggle("is-moving", Boolean(form));
  if (!form || shown?.dataset.on !== form.dataset.on || Number(form.dataset.step) < 10) return;
  for (const button of all("[data-minute]", form)) {
    const lane = one(`#lane-${CSS.escape(button.dataset.lane)} ol`);
    const minute = Number(button.dataset.minute) - Number(shown.dataset.first);
    if (!lane || minute < 0) continue;
    const spot = document.createElement("li");
    spot.className = `gap-spot placed at-h${Math.floor(minute / 60)} at-m${minute % 60} for-h0 for-m${Math.min(59, form.dataset.step)}`;
    spot.setAttribute("aria-hidden", "true");
    const twin = document.createElement("button");
    twin.type = "button";
    twin.tabIndex = -1;
    twin.textContent = button.textContent;
    twin.addEventListener("click", () => button.click());
    spot.append(twin);
    lane.append(spot);
  }
}

// ---- New booking: choices change, so do the times ---------------------------------------------------------------------
// Only the answer to the latest choice counts, however late an earlier one arrives; a time that was chosen in the
// meantime stays chosen if it is still free.
let asking = null;
async function freshTimes(form) {
  asking?.abort();
  const mine = asking = new AbortController();
  const sent = new FormData(form);
  sent.set("do", "times");
  sent.delete("starts_at");
  const asked = { method: "POST", body: sent, headers: { "HX-Request": "true" }, signal: mine.signal };
  const text = await fetch(location.pathname, asked).then((reply) => (reply.ok ? reply.text() : null)).catch(() => null);
  if (text === null || mine !== asking) return;
  const page = new DOMParser().parseFromString(text, "text/html");
  const chosen = one("[name=starts_at]:checked", form)?.value;
  const wasThere = document.activeElement?.name === "starts_at";
  for (const selector of ["[data-times]", "[data-questions]", "#f-resource"]) {
    const part = one(selector, page);
    if (!part) continue;
    if (selector === "#f-resource") one(selector).innerHTML = part.innerHTML;
    else one(selector).replaceWith(document.adoptNode(part));
  }
  const again = chosen && all("[name=starts_at]", form).find((time) => time.value === chosen);
  if (again) again.checked = true;
  if (again && wasThere) again.focus({ preventScroll: true });
  announce(one("[data-times] legend")?.textContent);
}
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-new]");
  if (form && ["service", "resource", "date", "party_size"].includes(event.target.name)) freshTimes(form);
});

// ---- Keys -------------------------------------------------------------------------------------------------------------
// Single keys act when a card has the focus; elsewhere too unless that is switched off in the list of keys (WCAG 2.1.4).
const everywhere = () => { try { return localStorage.getItem("desk-keys") !== "cards"; } catch { return true; } };
for (const box of all("[data-keys-switch]")) {
  box.checked = everywhere();
  box.addEventListener("change", () => { try { localStorage.setItem("desk-keys", box.checked ? "all" : "cards"); } catch { /* for this page only */ } });
}

function act(card, key) {
  const address = card.getAttribute("href").split("?")[0];
  const token = one("[name=csrfmiddlewaretoken]")?.value;
  if (key === "m") return window.htmx.ajax("GET", `${address}/move`, { target: "#peek" });
  const step = key === "x" ? "no-show" : card.closest(".is-here, .is-arrived") ? "complete" : "check-in";
  const values = { csrfmiddlewaretoken: token, sequence: card.dataset.sequence };
  return window.htmx.ajax("POST", `${address}/${step}`, { target: "#peek", values });
}

function stepTo(card, key) {
  const lanes = all(".lane").filter((lane) => one("[data-card]", lane));
  const lane = card.closest(".lane");
  const cards = all("[data-card]", lane);
  const at = cards.indexOf(card);
  if (key === "ArrowDown") return cards[at + 1];
  if (key === "ArrowUp") return cards[at - 1];
  const rightwards = (key === "ArrowRight") === (getComputedStyle(lane).direction !== "rtl");
  const next = lanes[lanes.indexOf(lane) + (rightwards ? 1 : -1)];
  const top = card.getBoundingClientRect().top;
  const away = (other) => Math.abs(other.getBoundingClientRect().top - top);
  return next && all("[data-card]", next).sort((a, b) => away(a) - away(b))[0];
}

function singleKey(event) {
  const card = document.activeElement.closest?.("#board [data-card]");
  if (card && event.key.startsWith("Arrow")) {
    const next = stepTo(card, event.key);
    next?.focus();
    next?.scrollIntoView({ block: "nearest", inline: "nearest" });
    return true;
  }
  if (!card && !everywhere()) return false;
  const key = event.key;
  if ("cmx".includes(key)) {
    if (card) { act(card, key); return true; }
    const button = one(`[data-act="${key}"]:not(:disabled)`, peek() ?? document);
    button?.click();
    return Boolean(button);
  }
  if (key === "z") { const undo = one("[data-undo]"); undo?.click(); return Boolean(undo); }
  if (key === "/") { const field = one("[data-key-focus='/']"); field?.focus(); return Boolean(field); }
  const target = all("[data-key]").find((candidate) => candidate.dataset.key === key);
  target?.click();
  return Boolean(target);
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "k") {
    const field = one("[data-key-focus='/']");
    if (field) { field.focus(); event.preventDefault(); }
    return;
  }
  if (event.ctrlKey || event.metaKey || one("dialog[open]")) return;
  if (event.key === "Escape") {
    const back = one("[data-escape]", peek() ?? document);
    if (back) back.click(); else closeCard();
    return;
  }
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (singleKey(event)) event.preventDefault();
});

// ---- Start --------------------------------------------------------------------------------------------------------------
function start() {
  const shown = board();
  if (!shown) return;
  const line = one("[data-now-line]", shown);
  if (line) shown.scrollTop = Math.max(0, line.offsetTop - shown.clientHeight / 3);
  reconcile();
  for (const head of all("[data-takes-focus]")) { head.focus({ preventScroll: true }); head.removeAttribute("data-takes-focus"); }
  setInterval(() => { moveNow(); if (document.visibilityState === "visible") refresh(); }, REFRESH_MS);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") { moveNow(); refresh(); } });
}
start();
// Toasts that come later are said by their own live region; the one that the page came with is not.
announce(one(".toast > span")?.textContent);
